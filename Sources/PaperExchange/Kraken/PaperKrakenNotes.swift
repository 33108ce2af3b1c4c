import Matching

/// What Kraken keeps of an order beyond what the engine does.
struct PaperKrakenNote: Sendable {
    var reference: Int64?
    /// Words of `oflags` as they are told.
    var flags: [String] = ["fciq"]
    /// When it expires, in seconds since 1970; 0: never.
    var expires: Int64 = 0
    var timeInForce = "GTC"
}

/// Notes on the newest orders.
struct PaperKrakenNotes: Sendable {
    private var notes: [OrderID: PaperKrakenNote] = [:]
    private var order: [OrderID] = []
    private static let most = 100_000

    subscript(id: OrderID) -> PaperKrakenNote { notes[id] ?? PaperKrakenNote() }

    mutating func add(_ note: PaperKrakenNote, to id: OrderID) {
        if notes.updateValue(note, forKey: id) == nil { order.append(id) }
        guard order.count > Self.most else { return }
        for old in order.prefix(Self.most / 4) { notes[old] = nil }
        order.removeFirst(Self.most / 4)
    }
}
