import Glibc

/// Waiting for plain descriptors.
enum DescriptorPoll {
    /// Waits until one of them is readable or closed at the other end, or the time is over. Signals do not end it.
    static func wait(_ descriptors: [Int32], milliseconds: Int32?) {
        var items = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while poll(&items, nfds_t(items.count), milliseconds ?? -1) < 0 && errno == EINTR {}
    }

    /// Waits for a time and nothing else.
    static func pause(milliseconds: Int32) {
        _ = poll(nil, 0, milliseconds)
    }

    /// Whether it is readable or closed at the other end now.
    static func isReadable(_ descriptor: Int32) -> Bool {
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&item, 1, 0) > 0
    }
}
