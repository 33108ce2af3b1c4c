internal import ArgumentParser
internal import Fleet
internal import Glibc
public import Strategies
internal import Synchronization

/// The command line of Pragma, for the `pragma` executable and for users' own builds with their own strategies:
///
/// ```swift
/// import PragmaCLI
/// await PragmaCLI.run(strategies: PragmaCLI.builtInStrategies + [MyStrategy.self])
/// ```
public enum PragmaCLI {
    /// The strategies that come with Pragma.
    public static var builtInStrategies: [any Strategy.Type] { StrategyRegistry.builtIn }

    private static let current = Mutex<StrategyRegistry?>(nil)

    /// The strategies of this executable.
    static var registry: StrategyRegistry {
        get throws(FleetError) {
            if let registry = current.withLock({ $0 }) { return registry }
            throw FleetError(.input, "this executable was started without strategies")
        }
    }

    /// Reads the process's arguments, does what they say, and ends the process with the exit code that `docs/operations.md` lists.
    ///
    /// - Parameter strategies: what configurations can name; two of the same name end the process with an error.
    public static func run(strategies: [any Strategy.Type] = builtInStrategies) async -> Never {
        // A reader of our output that goes away must not kill a process with work in hand.
        signal(SIGPIPE, SIG_IGN)
        do {
            let made = try StrategyRegistry(strategies)
            current.withLock { $0 = made }
            var command = try Pragma.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            exit(0)
        } catch {
            exit(report(error))
        }
    }

    /// Prints the error for people and gives the exit code.
    static func report(_ error: any Error) -> Int32 {
        switch error {
        case let error as FleetError:
            Terminal.note("pragma: \(error.message)")
            return error.code.rawValue
        case let code as ExitCode:
            return code.rawValue
        default:
            let usage = Pragma.exitCode(for: error)
            let text = Pragma.fullMessage(for: error)
            if usage == .success {
                Terminal.line(text)
                return 0
            }
            Terminal.note(usage == .validationFailure ? text : "pragma: \(error)")
            return usage == .validationFailure ? FleetError.Code.input.rawValue : FleetError.Code.negative.rawValue
        }
    }
}
