import ZeroMQ

/// Why an endpoint could not be opened or a loop ended. `description` is a sentence for the person who configured it.
package struct TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The cause, as far as a program may want to tell causes apart.
    package enum Code: Hashable, Sendable {
        /// The text is no address, or not one that can be used in this way.
        case invalidAddress
        /// Another socket listens there.
        case addressInUse
        /// The address is none of this machine's.
        case addressNotAvailable
        /// Without encryption beyond this machine, or keys that do not fit the way the endpoint is opened.
        case insecure
        /// A key is none, or the keys cannot be used.
        case invalidKey
        /// The folder or file of an ipc socket: missing rights, open to others, or no socket.
        case unusablePath
        /// The transport was shut down.
        case closed
        /// Out of descriptors, or another failure of the system or of libzmq.
        case system
    }

    package var code: Code
    package var description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// An error of libzmq in these terms.
    init(_ error: ZeroMQError) {
        description = error.description
        code =
            switch error.code {
            case .addressInUse: .addressInUse
            case .addressNotAvailable: .addressNotAvailable
            case .permissionDenied, .notFound, .nameTooLong: .unusablePath
            case .contextTerminated: .closed
            case .invalid where error.endpoint != nil: .invalidAddress
            default: .system
            }
    }
}
