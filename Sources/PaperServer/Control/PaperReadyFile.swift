package import Exchange

/// What a running paper exchange tells: where its venues are, and, in a file of its user alone, how it is commanded.
package struct PaperReadyFile: Hashable, Sendable {
    /// One venue that runs. No secrets.
    package struct Venue: Hashable, Sendable {
        package var name: String
        package var dialect: String
        package var host: String
        package var port: Int
        /// Name and key of each account.
        package var accounts: [(name: String, key: String)]
        package var pairs: [String]
        /// `synthetic, seed 1`, for example.
        package var market: String
        package var speed: Double

        /// Where requests go.
        package var url: String { WebOrigin(scheme: .http, host: host, port: port).description }
        /// Where streams are.
        package var streamURL: String { WebOrigin(scheme: .ws, host: host, port: port).description }

        package static func == (a: Self, b: Self) -> Bool { a.json == b.json }
        package func hash(into hasher: inout Hasher) { hasher.combine(json) }
    }

    package var venues: [Venue]
    package var pid: Int32
    /// Where faults and books are asked for.
    package var controlHost: String
    package var controlPort: Int
    package var token: String

    /// What the file holds; without the token where `isPublic`.
    package func json(isPublic: Bool) -> JSONValue {
        let url = WebOrigin(scheme: .http, host: controlHost, port: controlPort).description
        var control: [JSONValue.Member] = [.init("url", .string(url))]
        if !isPublic {
            control += [
                .init("host", .string(controlHost)), .init("port", .integer(Int64(controlPort))), .init("token", .string(token)),
            ]
        }
        return [
            "format": 1, "pid": .integer(Int64(pid)), "control": .object(control), "venues": .array(venues.map(\.json)),
        ]
    }
}

extension PaperReadyFile.Venue {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "protocol": .string(dialect), "url": .string(url), "stream_url": .string(streamURL),
            "accounts": .array(accounts.map { ["name": .string($0.name), "key": .string($0.key)] }),
            "pairs": .array(pairs.map { .string($0) }), "market": .string(market), "speed": .number("\(speed)"),
        ]
    }
}

/// How the commands reach a running paper exchange: what they need of its ready file.
package struct PaperControl: Sendable {
    package let origin: WebOrigin
    private let token: String

    /// Reads a ready file; nil where it is none.
    package init?(readyFile bytes: [UInt8]) {
        guard let json = try? JSONValue(parsing: bytes), json["format"]?.integer == 1, let control = json["control"],
            let host = control["host"]?.text, let port = control["port"]?.integer, (1...65535).contains(port),
            let token = control["token"]?.text
        else { return nil }
        origin = WebOrigin(scheme: .http, host: host, port: Int(port))
        self.token = token
    }

    private func request(_ method: WebRequest.Method, _ venue: String, _ what: String, _ body: [UInt8] = []) -> WebRequest {
        WebRequest(
            method, "/v1/venues/\(venue)/\(what)", headers: [WebHeader("Authorization", "Bearer " + token)], body: body)
    }

    /// The request for a venue's books.
    package func books(_ venue: String) -> WebRequest { request(.get, venue, "books") }
    /// The request that puts a fault in force.
    package func add(_ fault: FaultOrder, to venue: String) -> WebRequest { request(.post, venue, "faults", fault.json.bytes) }
    /// The request that ends all faults.
    package func clearFaults(_ venue: String) -> WebRequest { request(.delete, venue, "faults") }
}
