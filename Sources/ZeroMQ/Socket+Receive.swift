import CZeroMQ
import Glibc

extension Socket {
    /// Receives the next frame into the socket's own buffer, where the accessors below find it until the next call.
    /// Returns false where there is none (with `wait`: none within the receive timeout).
    ///
    /// libzmq hands over whole messages: after a frame with `hasMore` the next one is there. A signal does not end it; the receive
    /// timeout begins anew with it.
    package borrowing func receiveFrame(wait: Bool = false) throws(ZeroMQError) -> Bool {
        while zmq_msg_recv(frame, handle, wait ? 0 : ZMQ_DONTWAIT) < 0 {
            switch zmq_errno() {
            case EINTR: continue
            case EAGAIN: return false
            default: throw .last("receive")
            }
        }
        return true
    }

    /// Whether the message goes on after the frame received last.
    package var hasMore: Bool { borrowing get { zmq_msg_more(frame) != 0 } }

    /// Bytes of the frame received last.
    package var frameSize: Int { borrowing get { zmq_msg_size(frame) } }

    /// The frame received last, in an array of its own: the one copy there is.
    package borrowing func frameBytes() -> [UInt8] {
        let size = zmq_msg_size(frame)
        guard size > 0, let source = zmq_msg_data(frame) else { return [] }
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            buffer.baseAddress?.update(from: source.assumingMemoryBound(to: UInt8.self), count: size)
            count = size
        }
    }

    /// The frame received last, without a copy; the pointer ends with the call.
    package borrowing func withFrame<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(start: zmq_msg_data(frame), count: zmq_msg_size(frame)))
    }

    /// A property of the connection that brought the frame received last, such as the `User-Id` that a ZAP handler gave
    /// it; nil where there is none. The pointer ends with the call.
    package borrowing func withProperty<Result>(
        _ name: StaticString, _ body: (UnsafePointer<CChar>?) -> Result
    ) -> Result {
        body(
            name.withUTF8Buffer {
                zmq_msg_gets(frame, $0.baseAddress.map { UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self) })
            })
    }

    /// A property as a string.
    package borrowing func property(_ name: StaticString) -> String? {
        withProperty(name) { $0.map { String(cString: $0) } }
    }

    /// Receives a whole message, or nil where there is none (see `receiveFrame`).
    package borrowing func receiveMessage(wait: Bool = false) throws(ZeroMQError) -> [[UInt8]]? {
        guard try receiveFrame(wait: wait) else { return nil }
        var frames = [frameBytes()]
        while hasMore {
            guard try receiveFrame() else { break }
            frames.append(frameBytes())
        }
        return frames
    }
}
