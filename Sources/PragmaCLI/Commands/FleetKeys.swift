internal import ArgumentParser
internal import Fleet

/// `pragma keys`.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Makes and lists the keys by which the processes of a fleet know each other.",
        discussion: "Example: pragma keys new",
        subcommands: [New.self, List.self])

    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "new", abstract: "Makes key pairs: all that are missing, or one more for a role.",
            discussion: """
                Key pairs lie in HOME/keys (mode 0600), their public halves in HOME/keys/peers. Who may connect is who is in the \
                peers folder of the process that is connected to. For another host copy its own pair and the peers folder.

                Example: pragma keys new
                Example: pragma keys new --role backtest-worker --name farm-eu

                JSON keys: made (paths). Exit code 4: a key of that name is there already.
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var output: OutputOptions
        @Option(name: .long, help: "A role: \(Rights.Role.allCases.map(\.rawValue).joined(separator: ", ")).") var role: String?
        @Option(name: .long, help: "The name of the key's owner.") var name: String?

        func validate() throws {
            if (role == nil) != (name == nil) { throw ValidationError("give both --role and --name, or neither") }
            if let role, Rights.Role(rawValue: role) == nil {
                throw ValidationError(
                    "'\(role)' is no role; known are \(Rights.Role.allCases.map(\.rawValue).joined(separator: ", "))")
            }
        }

        func run() throws {
            let home = try FleetSetup.home(global)
            let ring = KeyRing(folder: home.path + "/keys")
            var made: [String] = []
            if let role = role.flatMap(Rights.Role.init(rawValue:)), let name {
                made.append(try ring.make(name: name, role: role, purpose: .connection))
                if role == .monitor { made.append(try ring.make(name: name, role: role, purpose: .signing)) }
            } else {
                made = try ring.makeMissing()
            }
            if output.json { return Terminal.json(["made": made]) }
            if made.isEmpty { Terminal.line("every standard key is there already, in \(home.path)/keys") }
            for path in made { Terminal.line("made \(path)") }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists who may connect, with the fingerprints by which logs name keys.",
            discussion: """
                Of the files in HOME/keys/peers.

                Example: pragma keys list

                JSON: a list of keys: name, role, fingerprint.
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var output: OutputOptions

        private struct Line: Encodable {
            var name: String
            var role: String
            var fingerprint: String
        }

        func run() throws {
            let ring = KeyRing(folder: try FleetSetup.home(global).path + "/keys")
            let lines = try ring.connectionPeers().map {
                Line(name: $0.name, role: $0.role, fingerprint: KeyFingerprint.of(publicKey: $0.publicKey))
            }
            if output.json { return Terminal.json(lines) }
            var table = TextTable([.left("name"), .left("role"), .left("fingerprint")])
            for line in lines { table.add([line.name, line.role, line.fingerprint]) }
            Terminal.line(table.text)
        }
    }
}
