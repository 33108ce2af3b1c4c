import Exchange
import Web

/// What the operator asks the running server: faults and books, with the token of the ready file.
///
/// `GET /v1/venues/NAME/books`, `POST /v1/venues/NAME/faults` with a fault, `DELETE /v1/venues/NAME/faults`.
struct ControlHandler: WebHandler {
    let venues: [String: PaperVenueServer]
    let token: String

    func respond(to request: WebRequest, peer: String) async -> WebReply { .response(answer(request)) }

    func refuseWebSocket(_ request: WebRequest, peer: String) -> WebResponse? { Self.refusal(404, "there is no stream here") }

    func serve(_ socket: any WebSocketConnection, request: WebRequest, peer: String) async {}

    private func answer(_ request: WebRequest) -> WebResponse {
        guard let given = request.header("authorization"), Self.isEqual(given, "Bearer " + token) else {
            return Self.refusal(401, "the token is missing or wrong; it is in the ready file of the running server")
        }
        let parts = request.path.split(separator: "/")
        guard parts.count == 4, parts[0] == "v1", parts[1] == "venues" else { return Self.refusal(404, "there is nothing here") }
        guard let venue = venues[String(parts[2])] else {
            return Self.refusal(404, "there is no venue '\(parts[2])', only \(venues.keys.sorted().joined(separator: ", "))")
        }
        switch (request.method, parts[3]) {
        case (.get, "books"): return Self.success(venue.books())
        case (.post, "faults"): return add(request.body, to: venue)
        case (.delete, "faults"): return Self.success(["removed": .integer(Int64(venue.removeFaults()))])
        default: return Self.refusal(404, "there is nothing here")
        }
    }

    private func add(_ body: [UInt8], to venue: PaperVenueServer) -> WebResponse {
        guard let json = try? JSONValue(parsing: body), let order = FaultOrder(json) else {
            return Self.refusal(400, "this is no fault")
        }
        guard venue.add(order) else { return Self.refusal(409, "there are too many faults already; end them with --clear") }
        return Self.success(["fault": order.json])
    }

    private static func success(_ json: JSONValue) -> WebResponse { answer(200, json) }
    private static func refusal(_ status: Int, _ text: String) -> WebResponse { answer(status, ["error": .string(text)]) }

    private static func answer(_ status: Int, _ json: JSONValue) -> WebResponse {
        WebResponse(status: status, headers: [WebHeader("Content-Type", "application/json")], body: json.bytes)
    }

    /// Takes as long for every text of the same length.
    private static func isEqual(_ a: String, _ b: String) -> Bool {
        let (x, y) = (Array(a.utf8), Array(b.utf8))
        return x.count == y.count && zip(x, y).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
