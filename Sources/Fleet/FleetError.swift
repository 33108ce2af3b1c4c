/// An error of the fleet's processes and commands: what is wrong, where, and what to do about it, and the exit code it leads to.
package struct FleetError: Error, CustomStringConvertible, Sendable {
    /// What kind of error it is; the raw value is the exit code of a command that ends with it (see `docs/operations.md`).
    package enum Code: Int32, Sendable {
        /// What was asked for was done but did not come out well: lists differ, a stop is unproved, a job failed.
        case negative = 1
        /// The input is at fault: a configuration, a file, an argument.
        case input = 2
        /// There is no fleet to talk to.
        case noFleet = 3
        /// The fleet refused.
        case refused = 4
        /// No answer within the time allowed.
        case timeout = 5
        /// The machine is at fault: disk full, port in use, permission.
        case system = 6
        /// Interrupted by a signal.
        case interrupted = 130
    }

    /// The kind.
    package var code: Code
    /// One or two sentences: what is wrong, where, what to do.
    package var message: String

    /// An error of kind `code`.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
