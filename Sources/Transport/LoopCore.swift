/// One turn after another, without the thread and without the clock: the part that `SocketLoop` and `ManualLoop` share.
struct LoopCore<Handler: LoopHandler> {
    let transport: any Transport
    let mailbox: Mailbox<Handler.Event>
    let batchLimit: Int
    var handler: Handler
    private(set) var deadline: Int64?
    /// The last turn left something behind at the endpoints.
    private(set) var hasMore = false
    private var turn: Turn<Handler.Event>

    init(transport: any Transport, mailbox: Mailbox<Handler.Event>, batchLimit: Int, handler: Handler) {
        self.transport = transport
        self.mailbox = mailbox
        self.batchLimit = batchLimit
        self.handler = handler
        turn = Turn(transport: transport)
        mailbox.attach(transport.waker)
    }

    var isFinished: Bool { turn.isFinished }

    /// Takes in what there is and runs the handler, if there is anything or its deadline has come or `always` says so.
    /// Returns whether it ran.
    mutating func step(now: Int64, always: Bool = false) throws(TransportError) -> Bool {
        turn.begin(at: now)
        hasMore = try transport.receive(into: &turn.batch, limit: batchLimit)
        mailbox.drain(into: &turn.events)
        let isDue = deadline.map { $0 <= now } ?? false
        guard always || isDue || !turn.batch.isEmpty || !turn.events.isEmpty else { return false }
        deadline = handler.turn(&turn)
        return true
    }
}
