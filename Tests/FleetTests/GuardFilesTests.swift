import Glibc
import Halt
import Synchronization
import Testing

@testable import Fleet

/// What other threads have said, for a test that waits for it.
private final class Heard<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])

    func add(_ value: Value) { values.withLock { $0.append(value) } }

    /// Waits for one that fits. A broken program is found by the time limit of the test.
    func wait<Found: Sendable>(for match: (Value) -> Found?) -> Found {
        while true {
            if let found = values.withLock({ $0.lazy.compactMap(match).first }) { return found }
            usleep(1000)
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct GuardFilesTests {
    @Test func `a latch write that hangs does not keep the HALT file from being seen`() throws {
        let folder = try TemporaryFolder()
        // Opening a pipe that nobody reads waits for ever, as a disk that hangs does.
        let pipe = folder.path + "/a.latch.0.new"
        #expect(mkfifo(pipe, 0o600) == 0)
        let heard = Heard<GuardFiles.Answer>()
        let files = try GuardFiles(
            latch: LatchFiles(folder.path + "/a.latch"), kind: .member, haltPath: folder.path + "/HALT",
            probeInterval: 10_000_000
        ) {
            heard.add($0)
            return true
        }
        files.post(.writeLatch(sequence: 1, payload: [1]))
        #expect(HaltFileProbe.create(folder.path + "/HALT", action: .cancel, reason: "r", operator: "o", wall: "w") == nil)
        let seen = heard.wait { if case .haltFile(let file?) = $0 { file.action } else { nil } }
        #expect(seen == .cancel)
        let reader = open(pipe, O_RDONLY | O_NONBLOCK)
        _ = heard.wait { if case .latchWritten(1, _) = $0 { true } else { nil } }
        close(reader)
        files.end(within: .seconds(60))
    }

    @Test func `latch writes in a row do not keep the HALT file from being seen`() throws {
        let folder = try TemporaryFolder()
        let heard = Heard<GuardFiles.Answer>()
        let looks = Atomic<Int>(0)
        let files = try GuardFiles(
            latch: LatchFiles(folder.path + "/none/a.latch"), kind: .member, haltPath: folder.path + "/HALT",
            probeInterval: 10_000_000
        ) {
            if case .haltFile = $0 { looks.add(1, ordering: .relaxed) } else { heard.add($0) }
            return true
        }
        var sequence: UInt64 = 0
        while looks.load(ordering: .relaxed) < 3 {
            sequence += 1
            let number = sequence
            files.post(.writeLatch(sequence: number, payload: [1]))
            let failure = heard.wait { answer -> String?? in
                if case .latchWritten(number, let failure) = answer { .some(failure) } else { nil }
            }
            #expect(failure != nil)
        }
        files.end(within: .seconds(60))
    }

    @Test func `that a latch is written is told until it is taken`() throws {
        let folder = try TemporaryFolder()
        let heard = Heard<UInt64>()
        let tries = Atomic<Int>(0)
        let files = try GuardFiles(
            latch: LatchFiles(folder.path + "/a.latch"), kind: .member, haltPath: folder.path + "/HALT"
        ) {
            guard case .latchWritten(let sequence, nil) = $0 else { return true }
            guard tries.add(1, ordering: .relaxed).newValue > 3 else { return false }
            heard.add(sequence)
            return true
        }
        files.post(.writeLatch(sequence: 9, payload: [1]))
        #expect(heard.wait { $0 } == 9)
        files.end(within: .seconds(60))
    }

    @Test func `a HALT file that cannot be removed is told with its reason`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/HALT"
        #expect(mkdir(path, 0o700) == 0)
        let identity = try #require(HaltFileProbe(path).look()).identity
        let heard = Heard<GuardFiles.Answer>()
        let files = try GuardFiles(latch: LatchFiles(folder.path + "/a.latch"), kind: .monitor, haltPath: path) {
            heard.add($0)
            return true
        }
        files.post(.removeHaltFile(identity: identity))
        let failure = heard.wait { answer -> String?? in
            if case .haltFileRemoved(identity, let failure) = answer { .some(failure) } else { nil }
        }
        #expect(failure?.contains("folder") == true)
        files.end(within: .seconds(60))
    }

    @Test func `a log whose reader hangs holds nobody up and says what was lost`() throws {
        let gate = Heard<Bool>()
        let lost = Heard<UInt64>()
        let begun = Heard<Bool>()
        let log = try GuardLog { lost.add($0) }
        log.post {
            begun.add(true)
            _ = gate.wait { $0 }
        }
        _ = begun.wait { $0 }
        // While the first line hangs, these return at once, whether they find room or not.
        for _ in 0..<5000 { log.post {} }
        gate.add(true)
        #expect(lost.wait { $0 } == 5000 - 1024)
        log.end(within: .seconds(60))
    }

    @Test func `the end does not wait for ever for who hangs`() throws {
        let gate = Heard<Bool>()
        let begun = Heard<Bool>()
        let thread = try GuardThread<Int>(name: "test", capacity: 4) { _, _, _ in
            begun.add(true)
            _ = gate.wait { $0 }
        }
        thread.post(1)
        _ = begun.wait { $0 }
        #expect(!thread.end(within: .milliseconds(1)))
        #expect(!thread.post(2))
        gate.add(true)
        #expect(thread.end(within: .seconds(60)))
    }
}
