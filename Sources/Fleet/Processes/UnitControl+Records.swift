internal import Synchronization

/// A unit that waits for records out of the coordinator's store.
struct RecordQuestion: Sendable {
    let first: UInt64
    let answer: CheckedContinuation<[[UInt8]]?, Never>
}

extension UnitControl {
    /// The job's records in the coordinator's store from this number on, as many as one message has; none where there are none. It takes as long as
    /// the coordinator is away. One question at a time: a second one ends the first.
    ///
    /// - Returns: nil where the unit shall end.
    package func storedRecords(from first: UInt64) async -> [[UInt8]]? {
        await withCheckedContinuation { answer in
            let (isOver, former) = question.withLock { question -> (Bool, RecordQuestion?) in
                // Who asks for the end sets the flag first and looks here after that.
                if shouldStop { return (true, nil) }
                defer { question = RecordQuestion(first: first, answer: answer) }
                return (false, question)
            }
            former?.answer.resume(returning: nil)
            if isOver { answer.resume(returning: nil) } else { reportWanted(first) }
        }
    }

    /// The answer, from the worker.
    package func storedRecords(from first: UInt64, _ records: [[UInt8]]) {
        let asked = question.withLock { question -> RecordQuestion? in
            guard question?.first == first else { return nil }
            defer { question = nil }
            return question
        }
        asked?.answer.resume(returning: records)
    }

    func endQuestion() {
        let asked = question.withLock { question -> RecordQuestion? in
            defer { question = nil }
            return question
        }
        asked?.answer.resume(returning: nil)
    }
}
