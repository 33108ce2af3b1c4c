internal import ArgumentParser
internal import Coordination
internal import Fleet

extension JobsCommand {
    struct DeclareDead: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "declare-dead",
            abstract: "States that the holder of a lost live job is dead: another may have it.",
            discussion: """
                A live job whose worker is silent for longer than its lease is 'lost': the process may still trade, so nobody else \
                gets the job before its death is proved. Its supervisor proves it by itself; this is for a machine that is gone. The \
                statement is believed: where the process lives after all, two of them trade on one account. Stands in the job's \
                log with your name.

                Exit code 4: the job is not lost, or there is none of that number; 130: it was not confirmed.

                Example: pragma jobs declare-dead 12 --reason "host b lost its power supply"

                JSON keys: job, state.
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var argument: JobArgument
        @Option(name: .long, help: "How it is known.") var reason: String
        @Flag(name: .long, help: "Do not ask.") var yes = false

        func validate() throws {
            if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason must say how it is known") }
        }

        func run() throws {
            if !yes {
                guard Terminal.canAsk else { throw FleetError(.input, "there is no terminal to confirm on: add --yes") }
                Terminal.note("If the holder of job \(argument.job) lives, it and its successor trade on the same account.")
                guard Terminal.confirm("Type the job's number to declare its holder dead: ", expected: String(argument.job))
                else {
                    throw FleetError(.interrupted, "nobody was declared dead")
                }
            }
            try JobsCommand.change(global, .declareDead(argument.id, by: FleetSetup.person, reason: reason), output)
        }
    }
}
