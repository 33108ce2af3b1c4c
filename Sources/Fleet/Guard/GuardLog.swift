/// The log of a guard loop. Lines are written on a thread of their own: a full disk, a full pipe or a hung log daemon must not hold back a
/// stop. What does not fit is lost, and a line says how much.
final class GuardLog: Sendable {
    typealias Line = @Sendable () -> Void

    private let thread: GuardThread<Line>
    private static let capacity = 1024

    /// - Parameter lost: writes the line that says how many were lost.
    init(lost: @escaping @Sendable (UInt64) -> Void) throws(FleetError) {
        thread = try GuardThread(name: "guard-log", capacity: Self.capacity) { lines, _, count in
            for line in lines { line() }
            if count > 0 { lost(count) }
        }
    }

    /// Writes a line, later.
    func post(_ line: @escaping Line) { thread.post(line) }

    /// The same for what must not be lost; it comes a few times in a process's life.
    func postAlways(_ line: @escaping Line) { thread.post(line, always: true) }

    /// Writes what waits, as long as that takes no longer than `limit`.
    func end(within limit: Duration) { thread.end(within: limit) }
}
