import Synchronization

/// A bounded queue between tasks, with one reader. Nothing is dropped but by those who say so.
package final class EventChannel<Element: Sendable>: AsyncSequence, Sendable {
    private struct State {
        var items: [Element?] = []
        var head = 0
        var reader: CheckedContinuation<Element?, Never>?
        var writers: [(id: Int, element: Element, continuation: CheckedContinuation<Bool, Never>)] = []
        var nextWriter = 0
        var isFinished = false

        var count: Int { items.count - head }

        mutating func append(_ element: Element) {
            if head > 1024, head * 2 > items.count {
                items.removeFirst(head)
                head = 0
            }
            items.append(element)
        }

        mutating func popFirst() -> Element? {
            guard head < items.count else { return nil }
            let element = items[head]
            items[head] = nil
            head += 1
            return element
        }
    }

    private let state = Mutex(State())
    package let capacity: Int

    package init(capacity: Int) { self.capacity = Swift.max(capacity, 1) }

    package var count: Int { state.withLock { $0.count } }

    /// Puts an element in; false where the channel is full or has ended.
    package func push(_ element: Element) -> Bool { offer(element) ?? false }

    /// Puts an element in; suspends while the channel is full. False where it has ended or the task was canceled.
    @discardableResult package func send(_ element: Element) async -> Bool {
        if let taken = offer(element) { return taken }
        let id = state.withLock { state in
            state.nextWriter += 1
            return state.nextWriter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (reader, answer): (CheckedContinuation<Element?, Never>?, Bool?) = state.withLock { state in
                    // Asked under the lock: whoever cancels after this finds the writer.
                    if state.isFinished || Task.isCancelled { return (nil, false) }
                    if state.count < capacity { return (Self.put(element, &state), true) }
                    state.writers.append((id, element, continuation))
                    return (nil, nil)
                }
                reader?.resume(returning: element)
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiting = state.withLock { state -> CheckedContinuation<Bool, Never>? in
                guard let place = state.writers.firstIndex(where: { $0.id == id }) else { return nil }
                return state.writers.remove(at: place).continuation
            }
            waiting?.resume(returning: false)
        }
    }

    /// Nil where it is full.
    private func offer(_ element: Element) -> Bool? {
        let (reader, answer): (CheckedContinuation<Element?, Never>?, Bool?) = state.withLock { state in
            if state.isFinished { return (nil, false) }
            guard state.count < capacity, state.writers.isEmpty else { return (nil, nil) }
            return (Self.put(element, &state), true)
        }
        reader?.resume(returning: element)
        return answer
    }

    /// The reader to hand the element to, or nil where it was put in the queue.
    private static func put(_ element: Element, _ state: inout State) -> CheckedContinuation<Element?, Never>? {
        guard let reader = state.reader else {
            state.append(element)
            return nil
        }
        state.reader = nil
        return reader
    }

    /// The next element; nil at the end, and where the task is canceled.
    package func next() async -> Element? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                var writer: CheckedContinuation<Bool, Never>?
                let answer: Element?? = state.withLock { state in
                    if let element = state.popFirst() {
                        if !state.writers.isEmpty {
                            let first = state.writers.removeFirst()
                            state.append(first.element)
                            writer = first.continuation
                        }
                        return .some(element)
                    }
                    // Asked under the lock: whoever cancels after this finds the reader.
                    if state.isFinished || Task.isCancelled { return .some(nil) }
                    precondition(state.reader == nil, "a channel has one reader")
                    state.reader = continuation
                    return nil
                }
                writer?.resume(returning: true)
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let reader = state.withLock { state in
                defer { state.reader = nil }
                return state.reader
            }
            reader?.resume(returning: nil)
        }
    }

    /// Throws away what nobody has read and puts these in instead, however many; answers how many were thrown away.
    package func replaceAll(_ make: (Int) -> [Element]) -> Int {
        let (dropped, reader, first) = state.withLock { state -> (Int, CheckedContinuation<Element?, Never>?, Element?) in
            let dropped = state.count
            state.items = make(dropped)
            state.head = 0
            guard let reader = state.reader, let first = state.popFirst() else { return (dropped, nil, nil) }
            state.reader = nil
            return (dropped, reader, first)
        }
        reader?.resume(returning: first)
        return dropped
    }

    /// Ends it; what is in it can still be read.
    package func finish() {
        let (reader, writers) = state.withLock { state in
            state.isFinished = true
            defer {
                state.reader = nil
                state.writers = []
            }
            return (state.reader, state.writers)
        }
        reader?.resume(returning: nil)
        for writer in writers { writer.continuation.resume(returning: false) }
    }

    package struct Iterator: AsyncIteratorProtocol {
        let channel: EventChannel
        package mutating func next() async -> Element? { await channel.next() }
    }

    package func makeAsyncIterator() -> Iterator { Iterator(channel: self) }
}
