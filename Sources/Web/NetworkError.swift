import Exchange
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What the libraries below throw, in words that fit after "name of the venue: ".
func explain(_ error: any Error) -> String {
    switch error {
    case let failure as WebFailure: explain(failure)
    case let failed as NIOConnectionError: explain(failed)
    case ChannelError.connectTimeout: NetworkText.noConnection
    case let failure as IOError where connectingErrors.contains(failure.errnoCode): "cannot connect: " + explain(failure)
    case let failure as IOError: explain(failure)
    default: "\(error)"
    }
}

private func explain(_ failure: IOError) -> String {
    systemTexts[failure.errnoCode] ?? "input or output failed with errno \(failure.errnoCode)"
}

private let systemTexts: [CInt: String] = [
    ECONNREFUSED: "nobody listens there",
    ENETUNREACH: "the network is unreachable",
    EHOSTUNREACH: "the host is unreachable",
    EADDRNOTAVAIL: "no local port or address is left",
    EMFILE: "this process has too many open files",
    ENFILE: "this machine has too many open files",
    ECONNRESET: "the other side reset the connection",
    EPIPE: NetworkText.closed,
    ETIMEDOUT: "the connection timed out",
]

/// Those of them that only making a connection ends with.
private let connectingErrors: Set<CInt> = [ECONNREFUSED, ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL, EMFILE, ENFILE]

/// How a request of the HTTP client ends without an answer, as far as the client itself says it.
enum NetworkText {
    static let noConnection = "no connection in time"
    static let noHandshake = "no TLS handshake in time"
    static let allBusy = "all connections to this host stayed busy"
    static let noAnswer = "no answer in time"
    static let canceled = "canceled"
    static let closed = "the other side closed the connection"
    static let shutDown = "this client is shut down"
}

private func explain(_ failure: WebFailure) -> String {
    switch failure {
    case .notSent(let text), .outcomeUnknown(let text): text
    case .tooLarge(let limit): "larger than \(limit) bytes"
    case .closed(let code, let reason): "closed with \(code) \(reason)"
    }
}

private func explain(_ failed: NIOConnectionError) -> String {
    if let cause = failed.connectionErrors.first {
        let reason = (cause.error as? IOError).map(explain) ?? explain(cause.error)
        return "cannot connect to \(failed.host) port \(failed.port): \(reason)"
    }
    let causes = [failed.dnsAError, failed.dnsAAAAError].compactMap { $0 }.map { "\($0)" }
    return "the name \(failed.host) has no address: \(causes.joined(separator: ", "))"
}
