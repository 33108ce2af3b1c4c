import Synchronization
import Testing

@testable import Fleet

@Suite struct NoteLimiterTests {
    private static let second: Int64 = 1_000_000_000

    @Test func `a cause gives a line a minute, with the number of those left out`() {
        var limiter = NoteLimiter()
        let start: Int64 = 7
        #expect(limiter.line("a message was refused: 1", at: start) == "a message was refused: 1")
        for number in 2...500 { #expect(limiter.line("a message was refused: \(number)", at: start + 59 * Self.second) == nil) }
        #expect(
            limiter.line("a message was refused: 501", at: start + 60 * Self.second)
                == "a message was refused: 501 (and 499 more of this kind since the last line)")
        #expect(limiter.line("a message was refused: 502", at: start + 61 * Self.second) == nil)
        #expect(
            limiter.line("a message was refused: 503", at: start + 120 * Self.second)
                == "a message was refused: 503 (and 1 more of this kind since the last line)")
        #expect(limiter.line("a message was refused: 504", at: start + 180 * Self.second) == "a message was refused: 504")
    }

    @Test func `one cause does not hide another`() {
        var limiter = NoteLimiter()
        #expect(limiter.line("a: x", at: 0) != nil)
        #expect(limiter.line("b: x", at: 0) != nil)
        #expect(limiter.line("b", at: 0) == nil)
    }

    @Test func `causes that somebody makes up do not multiply the lines`() {
        var limiter = NoteLimiter(limit: 8)
        var lines: [String] = []
        for number in 0..<10_000 {
            if let line = limiter.line("the key of 'k' may not register worker w-\(number)", at: Int64(number)) {
                lines.append(line)
            }
        }
        // Each of the eight, and the first of all others.
        #expect(lines.count == 9)
        let later = limiter.line("something else", at: 61 * Self.second)
        #expect(later == "something else")
        // What was left out is told with the next note that shares its line.
        for number in 0..<7 { #expect(limiter.line("new \(number)", at: 61 * Self.second) != nil || number == 6) }
        let others = limiter.line("one more", at: 61 * Self.second)
        #expect(others == nil || others?.contains("(and 9991 more notes since the last line)") == true)
    }

    @Test func `notes of several threads go through one limit`() async {
        let written = Mutex<[String]>([])
        let notes = LimitedNotes(clock: { 5 }) { line in written.withLock { $0.append(line) } }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<100 { group.addTask { notes.note("refused: \(number)") } }
        }
        #expect(written.withLock(\.count) == 1)
    }
}
