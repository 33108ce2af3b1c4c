internal import ArgumentParser
internal import Coordination
internal import Fleet
internal import FleetProtocol

/// `pragma backup`.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copies the job store into a new file while the coordinator goes on.",
        discussion: """
            The coordinator itself makes the copy, on its own machine: nobody else may open the store while it runs. It holds \
            everything that was committed before its end; the file is there when it is whole and on disk, and one that is there is \
            not written over. To restore it, see 'Backups and restores' in docs/operations.md.

            Exit code 4: the file is there already, its folder is not, or another copy is being made; 5: no end within --timeout.

            Example: pragma backup /backups/jobs-2026-11-23.sqlite

            JSON keys: path, bytes.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The file to make, on the coordinator's machine.") var file: String
    @Option(name: .long, help: "Seconds to wait for the end.") var timeout = 3600.0

    func validate() throws { try TimeoutOption.check(timeout) }

    private struct Answer: Encodable {
        var path: String
        var bytes: UInt64
    }

    func run() throws {
        let path = FleetSetup.absolute(file)
        let client = try ControlClient(FleetSetup.client(global))
        guard case .backedUp(let bytes) = try client.query(.backup(to: path), timeout: .seconds(timeout)) else {
            throw FleetError(.system, "the coordinator answered something else than was asked")
        }
        if output.json { return Terminal.json(Answer(path: path, bytes: bytes)) }
        Terminal.line("the job store is copied to \(path) (\(Format.mebibytes(bytes)))")
    }
}
