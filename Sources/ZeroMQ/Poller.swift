import CZeroMQ
import Glibc

/// Waits until one of several sockets or file descriptors is ready.
///
/// Items are known by the order in which they were added. The poller holds plain pointers: whoever owns a socket removes it
/// here (`removeAll` and add again) before closing it. Like its sockets it belongs to one thread.
///
/// It does what `zmq_poll` does, with fewer system calls. A socket's descriptor says that something may have changed since the
/// socket was last asked; to ask it costs a system call. `zmq_poll` asks every socket before and after it waits. This one asks before
/// only those that may have been used since, and after only those whose descriptor is readable.
package struct Poller: ~Copyable {
    private struct Item {
        /// nil: a plain descriptor.
        var socket: UnsafeMutableRawPointer?
        var wanted: Int32
        var found: Int32 = 0
        /// Something may be there that the descriptor does not show.
        var isTouched = true
    }

    private var items: [Item] = []
    private var descriptors: [pollfd] = []
    private let isTold: Bool

    /// - Parameter isTold: the owner calls `touch` and `settle`. If not, every socket counts as used before every wait.
    package init(isTold: Bool = false) { self.isTold = isTold }

    /// How many items there are.
    package var count: Int { items.count }

    /// Adds a socket and returns its index. The socket must outlive its place in the poller.
    @discardableResult
    package mutating func add(_ socket: borrowing Socket, for events: Socket.Events = .readable) -> Int {
        items.append(Item(socket: socket.handle, wanted: events.rawValue))
        // Without a descriptor (of a context that was shut down) asking the socket says what is wrong.
        descriptors.append(pollfd(fd: socket.descriptor ?? -1, events: Int16(POLLIN), revents: 0))
        return items.count - 1
    }

    /// Adds a file descriptor and returns its index.
    @discardableResult
    package mutating func add(descriptor: Int32, for events: Socket.Events = .readable) -> Int {
        items.append(Item(socket: nil, wanted: events.rawValue))
        descriptors.append(pollfd(fd: descriptor, events: Self.flags(events), revents: 0))
        return items.count - 1
    }

    /// Changes what an item waits for.
    package mutating func setEvents(_ events: Socket.Events, at index: Int) {
        items[index].wanted = events.rawValue
        items[index].isTouched = true
        if items[index].socket == nil { descriptors[index].events = Self.flags(events) }
    }

    package mutating func removeAll() {
        items.removeAll(keepingCapacity: true)
        descriptors.removeAll(keepingCapacity: true)
    }

    /// The socket was used since the last wait: something was sent on it, or received and there may be more.
    package mutating func touch(at index: Int) { items[index].isTouched = true }

    /// The socket was read until there was nothing more, and not used since.
    package mutating func settle(at index: Int) { items[index].isTouched = false }

    /// Waits until an item is ready or the time is over (nil: no limit; rounded up to milliseconds) and returns how many are.
    /// Throws `interrupted` after a signal and `contextTerminated`.
    package mutating func wait(timeout: Duration?) throws(ZeroMQError) -> Int {
        let limit = timeout?.roundedMilliseconds
        let end = limit.flatMap { $0 > 0 ? Self.milliseconds() + $0 : nil }
        var ready = try askTouched()
        var pause = ready > 0 ? 0 : limit ?? -1
        while true {
            let count = poll(&descriptors, nfds_t(descriptors.count), Int32(clamping: pause))
            if count < 0 { throw ZeroMQError(errno: errno, operation: "poll") }
            if count > 0 { ready += try takeReadable() }
            if ready > 0 || pause == 0 { return ready }
            // What a descriptor showed was not what is waited for, or the time is over.
            if let end { pause = max(0, end - Self.milliseconds()) }
        }
    }

    /// What the last `wait` found at an index.
    package func events(at index: Int) -> Socket.Events { Socket.Events(rawValue: items[index].found) }

    private mutating func askTouched() throws(ZeroMQError) -> Int {
        var ready = 0
        for index in items.indices {
            items[index].found = 0
            guard let socket = items[index].socket, items[index].isTouched || !isTold else { continue }
            if try ask(socket, index) { ready += 1 }
        }
        return ready
    }

    private mutating func takeReadable() throws(ZeroMQError) -> Int {
        var ready = 0
        for index in items.indices where descriptors[index].revents != 0 && items[index].found == 0 {
            if let socket = items[index].socket {
                if try ask(socket, index) { ready += 1 }
            } else {
                items[index].found = Self.events(descriptors[index].revents)
                ready += 1
            }
        }
        return ready
    }

    /// Asks a socket what it is ready for. One that is ready for nothing shows on its descriptor when that changes.
    private mutating func ask(_ socket: UnsafeMutableRawPointer, _ index: Int) throws(ZeroMQError) -> Bool {
        items[index].found = try Socket.events(of: socket).rawValue & items[index].wanted
        items[index].isTouched = items[index].found != 0
        return items[index].isTouched
    }

    private static func flags(_ events: Socket.Events) -> Int16 {
        Int16((events.contains(.readable) ? POLLIN : 0) | (events.contains(.writable) ? POLLOUT : 0))
    }

    private static func events(_ flags: Int16) -> Int32 {
        let flags = Int32(flags)
        return (flags & POLLIN != 0 ? ZMQ_POLLIN : 0) | (flags & POLLOUT != 0 ? ZMQ_POLLOUT : 0)
            | (flags & ~(POLLIN | POLLOUT) != 0 ? ZMQ_POLLERR : 0)
    }

    private static func milliseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
