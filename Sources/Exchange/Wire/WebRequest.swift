/// One HTTP header as it goes over the wire.
package struct WebHeader: Hashable, Sendable {
    /// The name; compared without regard to case.
    package var name: String
    /// The value, without surrounding blanks.
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// An HTTP request as bytes on the wire, without the host: a connector makes it, the venue file says where it goes.
///
/// Pure value, so that encoders and signers are tested byte for byte with no network.
package struct WebRequest: Hashable, Sendable {
    package enum Method: String, Sendable { case get = "GET", post = "POST", put = "PUT", delete = "DELETE" }

    package var method: Method
    /// Absolute and percent-encoded, begins with "/".
    package var path: String
    /// Percent-encoded, without "?"; empty where there is none.
    package var query: String
    package var headers: [WebHeader]
    /// Empty where there is none.
    package var body: [UInt8]

    package init(_ method: Method, _ path: String, query: String = "", headers: [WebHeader] = [], body: [UInt8] = []) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The first header of this name, whatever its case.
    package func header(_ name: String) -> String? { headers.first(named: name) }
}

/// An HTTP answer.
package struct WebResponse: Hashable, Sendable {
    /// 100...599.
    package var status: Int
    package var headers: [WebHeader]
    package var body: [UInt8]

    package init(status: Int, headers: [WebHeader] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of this name, whatever its case.
    package func header(_ name: String) -> String? { headers.first(named: name) }
}

extension [WebHeader] {
    func first(named name: String) -> String? {
        let wanted = name.lowercased()
        return first { $0.name.lowercased() == wanted }?.value
    }
}
