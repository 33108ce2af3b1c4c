import CZeroMQ
import Glibc

/// Waits until one of several sockets or file descriptors is ready.
///
/// Items are known by the order in which they were added. The poller holds plain pointers: whoever owns a socket removes it
/// here (`removeAll` and add again) before closing it. Like its sockets it belongs to one thread.
package struct Poller: ~Copyable {
    private var items: [zmq_pollitem_t] = []

    package init() {}

    /// How many items there are.
    package var count: Int { items.count }

    /// Adds a socket and returns its index. The socket must outlive its place in the poller.
    @discardableResult
    package mutating func add(_ socket: borrowing Socket, for events: Socket.Events = .readable) -> Int {
        items.append(zmq_pollitem_t(socket: socket.handle, fd: 0, events: Int16(events.rawValue), revents: 0))
        return items.count - 1
    }

    /// Adds a file descriptor and returns its index.
    @discardableResult
    package mutating func add(descriptor: Int32, for events: Socket.Events = .readable) -> Int {
        items.append(zmq_pollitem_t(socket: nil, fd: descriptor, events: Int16(events.rawValue), revents: 0))
        return items.count - 1
    }

    /// Changes what an item waits for.
    package mutating func setEvents(_ events: Socket.Events, at index: Int) {
        items[index].events = Int16(events.rawValue)
    }

    package mutating func removeAll() { items.removeAll(keepingCapacity: true) }

    /// Waits until an item is ready or the time is over (nil: no limit; rounded up to milliseconds) and returns how many are.
    /// Throws `interrupted` after a signal and `contextTerminated`.
    package mutating func wait(timeout: Duration?) throws(ZeroMQError) -> Int {
        let ready = zmq_poll(&items, Int32(items.count), timeout?.roundedMilliseconds ?? -1)
        if ready < 0 { throw .last("poll") }
        return Int(ready)
    }

    /// What the last `wait` found at an index.
    package func events(at index: Int) -> Socket.Events { Socket.Events(rawValue: Int32(items[index].revents)) }
}
