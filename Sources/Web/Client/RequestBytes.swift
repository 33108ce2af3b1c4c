import Exchange
import NIOCore

/// A request as it goes over the wire: head and body in one buffer, so that they leave in one write.
struct RequestBytes {
    var bytes: ByteBuffer
    /// The request asks for the end of the connection after its answer.
    var isLast: Bool

    /// `userAgent` is sent where the request brings none. How long the body is, is said here and not by the request; methods
    /// for which a body is unusual say nothing where there is none (RFC 9110, 8.6).
    init(_ request: WebRequest, _ target: RequestTarget, userAgent: String) {
        var text = "\(request.method.rawValue) \(target.text) HTTP/1.1\r\n"
        var hasHost = false
        var hasAgent = false
        isLast = false
        for header in request.headers {
            let name = header.name.lowercased()
            switch name {
            case "content-length", "transfer-encoding": continue
            case "host": hasHost = true
            case "user-agent": hasAgent = true
            case "connection": isLast = isLast || header.value.lowercased().contains("close")
            default: break
            }
            text += "\(header.name): \(header.value)\r\n"
        }
        if !hasHost { text += "Host: \(target.host)\r\n" }
        if !hasAgent { text += "User-Agent: \(userAgent)\r\n" }
        if !request.body.isEmpty || request.method == .post || request.method == .put {
            text += "Content-Length: \(request.body.count)\r\n"
        }
        text += "\r\n"
        bytes = ByteBuffer()
        bytes.reserveCapacity(text.utf8.count + request.body.count)
        bytes.writeString(text)
        bytes.writeBytes(request.body)
    }
}
