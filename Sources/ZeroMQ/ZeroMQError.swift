import CZeroMQ
import Glibc

/// A call of libzmq that failed: what was tried, on which endpoint, and why.
package struct ZeroMQError: Error, Hashable, Sendable {
    /// Why, as far as a caller may want to tell the causes apart. `errno` has the exact value.
    package enum Code: Hashable, Sendable {
        /// Nothing to receive or no room to send, and waiting was not wanted or took too long (EAGAIN).
        case again
        /// A signal came in while waiting (EINTR): try again.
        case interrupted
        /// The context was shut down (ETERM): close the socket.
        case contextTerminated
        /// A router has no such peer (EHOSTUNREACH).
        case hostUnreachable
        /// Another socket, of this or another process, holds the endpoint (EADDRINUSE).
        case addressInUse
        /// The address is none of this machine's (EADDRNOTAVAIL, ENODEV).
        case addressNotAvailable
        /// The file system does not allow it (EACCES, EPERM).
        case permissionDenied
        /// A folder of a socket's path does not exist (ENOENT, ENOTDIR).
        case notFound
        /// A path is longer than a Unix domain socket allows (ENAMETOOLONG).
        case nameTooLong
        /// The process or the context is out of descriptors or sockets (EMFILE, ENFILE).
        case tooManyOpenFiles
        /// An option, endpoint or state that libzmq refuses (EINVAL, EPROTONOSUPPORT, ENOCOMPATPROTO, EFSM, ENOTSUP).
        case invalid
        /// Anything else.
        case other
    }

    /// The class of the failure.
    package var code: Code
    /// What libzmq's `zmq_errno` was.
    package var errno: Int32
    /// The call, such as `bind` or `set ZMQ_LINGER`.
    package var operation: String
    /// The endpoint it was about, where there is one.
    package var endpoint: String?

    /// An error from an errno value.
    package init(errno: Int32, operation: String, endpoint: String? = nil) {
        self.code = Self.code(of: errno)
        self.errno = errno
        self.operation = operation
        self.endpoint = endpoint
    }

    /// The error of the libzmq call that this thread made last.
    static func last(_ operation: String, endpoint: String? = nil) -> ZeroMQError {
        ZeroMQError(errno: zmq_errno(), operation: operation, endpoint: endpoint)
    }

    private static func code(of errno: Int32) -> Code {
        switch errno {
        case EAGAIN: .again
        case EINTR: .interrupted
        case terminated: .contextTerminated
        case EHOSTUNREACH: .hostUnreachable
        case EADDRINUSE: .addressInUse
        case EADDRNOTAVAIL, ENODEV: .addressNotAvailable
        case EACCES, EPERM: .permissionDenied
        case ENOENT, ENOTDIR: .notFound
        case ENAMETOOLONG: .nameTooLong
        case EMFILE, ENFILE: .tooManyOpenFiles
        case EINVAL, EPROTONOSUPPORT, ENOTSUP, ZMQ_HAUSNUMERO + 51, ZMQ_HAUSNUMERO + 52: .invalid
        default: .other
        }
    }

    /// ETERM, which zmq.h spells as a sum.
    static let terminated: Int32 = ZMQ_HAUSNUMERO + 53
}

extension ZeroMQError: CustomStringConvertible {
    package var description: String {
        let reason = String(cString: zmq_strerror(errno))
        guard let endpoint else { return "ZeroMQ: \(operation) failed: \(reason)" }
        switch code {
        case .addressInUse:
            return "\(endpoint) is in use by another process (or another socket of this one): stop it or choose another endpoint"
        case .addressNotAvailable:
            return "\(endpoint): this machine has no such address or interface"
        default:
            return "ZeroMQ: \(operation) \(endpoint) failed: \(reason)"
        }
    }
}
