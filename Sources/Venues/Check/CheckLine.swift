/// What one step of a venue check found.
package struct CheckLine: Hashable, Sendable {
    package enum State: String, Sendable {
        case ok
        /// It works, and the user should know something.
        case warning
        case failed
    }

    /// A stable name for programs: `clock`, `stream.trades`.
    package var name: String
    package var state: State
    package var text: String

    package init(_ name: String, _ state: State, _ text: String) {
        self.name = name
        self.state = state
        self.text = text
    }
}
