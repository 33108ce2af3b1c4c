import AsyncHTTPClient
import Exchange
import NIOCore
import NIOPosix
import NIOSSL

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
    case let failure as HTTPClientError: clientTexts.first { $0.0 == failure }?.1 ?? "\(failure)"
    case ChannelError.connectTimeout: "no connection in time"
    case let failure as IOError: systemTexts[failure.errnoCode] ?? "input or output failed with errno \(failure.errnoCode)"
    default: "\(error)"
    }
}

private let systemTexts: [CInt: String] = [
    ECONNREFUSED: "cannot connect: nobody listens there",
    ENETUNREACH: "cannot connect: the network is unreachable",
    EHOSTUNREACH: "cannot connect: the host is unreachable",
    EADDRNOTAVAIL: "cannot connect: no local port or address is left",
    EMFILE: "cannot connect: this process has too many open files",
    ENFILE: "cannot connect: this machine has too many open files",
    ECONNRESET: "the other side reset the connection",
    EPIPE: "the other side closed the connection",
    ETIMEDOUT: "the connection timed out",
]

/// Those of them that only making a connection ends with.
private let connectingErrors: Set<CInt> = [ECONNREFUSED, ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL, EMFILE, ENFILE]

private let clientTexts: [(HTTPClientError, String)] = [
    (.connectTimeout, "no connection in time"),
    (.tlsHandshakeTimeout, "no TLS handshake in time"),
    (.getConnectionFromPoolTimeout, "all connections to this host stayed busy"),
    (.deadlineExceeded, "no answer in time"),
    (.cancelled, "canceled"),
    (.remoteConnectionClosed, "the other side closed the connection"),
    (.alreadyShutdown, "this client is shut down"),
]

private func explain(_ failure: WebFailure) -> String {
    switch failure {
    case .notSent(let text), .outcomeUnknown(let text): text
    case .tooLarge(let limit): "larger than \(limit) bytes"
    case .closed(let code, let reason): "closed with \(code) \(reason)"
    }
}

private func explain(_ failed: NIOConnectionError) -> String {
    if let cause = failed.connectionErrors.first {
        return "cannot connect to \(failed.host) port \(failed.port): \(explain(cause.error))"
    }
    let causes = [failed.dnsAError, failed.dnsAAAAError].compactMap { $0 }.map { "\($0)" }
    return "the name \(failed.host) has no address: \(causes.joined(separator: ", "))"
}

/// Whether an error can only come from before a connection was there to write to.
func isBeforeConnection(_ error: any Error) -> Bool {
    switch error {
    case is NIOConnectionError: true
    case NIOSSLError.handshakeFailed: true
    case let extra as NIOSSLExtraError: namingFailures.contains(extra)
    case ChannelError.connectTimeout: true
    case let error as IOError: connectingErrors.contains(error.errnoCode)
    case let error as HTTPClientError: beforeConnection.contains(error)
    default: false
    }
}

private let namingFailures: [NIOSSLExtraError] = [
    .failedToValidateHostname, .serverHostnameImpossibleToMatch, .invalidSNIHostname,
]

/// `deadlineExceeded` and `cancelled` are here because they reach a request on its own event loop: where its head is not
/// marked as written at that time, it is not written and never will be.
private let beforeConnection: [HTTPClientError] = [
    .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout, .deadlineExceeded, .cancelled, .alreadyShutdown,
    .invalidURL, .emptyHost, .emptyScheme,
]
