import Coordination
import Testing

@Suite struct JobStateTests {
    @Test func `finished jobs change only by a retry, and a job that succeeded never`() {
        for state in JobState.allCases where state.isTerminal {
            for event in JobState.Event.allCases {
                let next = try? state.transition(on: event).get()
                #expect(next == (event == .retried && state != .succeeded ? .queued : nil), "\(state) on \(event)")
            }
        }
    }

    @Test func `every unfinished state has a way to an end`() {
        for state in JobState.allCases {
            var reached: Set<JobState> = [state]
            var open = [state]
            while let next = open.popLast() {
                for event in JobState.Event.allCases {
                    if let after = try? next.transition(on: event).get(), reached.insert(after).inserted { open.append(after) }
                }
            }
            #expect(state.isTerminal || reached.contains { $0.isTerminal }, "\(state) leads nowhere")
            #expect(state == .submitted || !reached.contains(.submitted), "\(state) leads back to the beginning")
        }
    }

    @Test func `only a live job's lease and its proofs lead into and out of lost`() {
        let into = JobState.allCases.flatMap { state in
            JobState.Event.allCases.filter { state != .lost && (try? state.transition(on: $0).get()) == .lost }
        }
        #expect(Set(into) == [.leaseExpired])
    }

    @Test func `a refused event says what was wrong`() {
        let error = #expect(throws: JobState.TransitionError.self) {
            try JobState.succeeded.transition(on: .dispatched).get()
        }
        #expect(error?.description == "a job that is succeeded cannot take the event 'dispatched'")
    }

    @Test func `the table holds every state and every event`() {
        let lines = JobState.transitionTable().split(separator: "\n")
        #expect(lines.count == JobState.allCases.count + 2)
        let columns = JobState.Event.allCases.count + 1
        #expect(lines.allSatisfy { $0.count { $0 == "|" } == columns + 1 })
        let canceling = lines.first { $0.hasPrefix("| **canceling**") }
        #expect(
            canceling
                == "| **canceling** | - | - | canceling | - | - | - | canceling | canceled | canceling | canceling | - | - |")
    }
}

@Suite struct IdentifierTests {
    @Test func `digests and numbers survive their bytes`() {
        let bytes = (0..<32).map { UInt8($0 * 7 % 256) }
        #expect(Digest256(bytes: bytes)?.bytes == bytes)
        #expect(JobAddress(bytes: bytes.dropLast()) == nil)
        #expect(SessionID(bytes: bytes.prefix(16))?.bytes == Array(bytes.prefix(16)))
        #expect(SubmissionID(bytes: bytes) == nil)
        #expect("\(JobAddress(Digest256(words: (0x0102, 0, 0, 0xFF))))".hasPrefix("0000000000000102"))
    }

    @Test func `instants stay at their ends instead of overflowing`() {
        let late = Instant(nanoseconds: .max - 1)
        #expect(late.advanced(by: .seconds(1)).nanoseconds == .max)
        #expect(Instant(nanoseconds: .min + 1).advanced(by: .seconds(-1)).nanoseconds == .min)
        #expect(late.duration(since: Instant(nanoseconds: -5)) == .nanoseconds(Int64.max))
        #expect(Duration.seconds(Int64.max).wholeNanoseconds == .max)
    }

    @Test func `slices cover every combination once`() {
        for (combinations, slice) in [(1, 1), (10, 3), (9, 3), (5, 10)] as [(UInt64, UInt64)] {
            let sweep = job(1, combinations: combinations, slice: slice)
            let covered = (0..<sweep.unitCount).flatMap { Array(sweep.combinations(ofUnit: $0)) }
            #expect(covered == Array(0..<combinations))
        }
        let vast = job(1, combinations: .max, slice: 1000)
        #expect(vast.combinations(ofUnit: vast.unitCount - 1).upperBound == .max)
    }

    @Test func `tokens of a later opening are above all earlier ones`() {
        let old = FencingToken(incarnation: 2, counter: 900)
        #expect(old < FencingToken(incarnation: 3, counter: 1))
        #expect(old < FencingToken(incarnation: 2, counter: 901))
    }
}
