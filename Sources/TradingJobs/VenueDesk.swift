internal import Connectors
internal import Exchange
internal import Halt
internal import LiveGates
internal import LiveJob
internal import Market
internal import Orders

/// What became of a directive that went to the venue.
enum LiveAnswer: Sendable {
    case placed(OrderTicket, Result<OrderReport, VenueError>)
    case canceled(OrderTicket, Result<OrderReport?, VenueError>)
    case found(OrderTicket, LookUpAnswer)
    case identified(OrderReport)
    case read(ReconciliationSnapshot, Int)
    case unread(VenueError, Int)
    case deadMan(Int, VenueError?)
}

/// Carries directives out at the venue, each once, and says what came of it. A request that may have arrived is never sent again.
struct VenueDesk: Sendable {
    let trading: TradingClient
    let instruments: [Pair: TradedInstrument]
    /// How many seconds of the venue pass in one of the machine.
    let pace: Double
    let permit: @Sendable () -> AccountPermit
    let handover = Handover()
    let send: @Sendable (LiveAnswer) async -> Void

    /// Before `carryOut` begins: whether it writes an order, which is then waited for.
    func expect(_ directive: LiveDirective) {
        if case .place(let sending) = directive { handover.expect(sending.ticket) }
    }

    func carryOut(_ directive: LiveDirective) async {
        switch directive {
        case .place(let sending):
            let result = await place(sending)
            handover.leaves(sending.ticket)
            await send(.placed(sending.ticket, result))
        case .cancel(let ticket, let reference, let pair, let placed):
            await send(.canceled(ticket, await cancel(reference, pair, placed)))
        case .lookUp(let ticket, let reference, let pair, let wait):
            await trading.clock.sleep(for: wait)
            await send(.found(ticket, await lookUp(reference, pair)))
        case .identify(let pair, let id):
            if case .found(let report) = await lookUp(.venue(id), pair) { await send(.identified(report)) }
        case .reconcile(let request, let wait):
            await trading.clock.sleep(for: wait)
            do throws(VenueError) { await send(.read(try await read(request), request.number)) } catch {
                await send(.unread(error, request.number))
            }
        case .deadMan(let number, let timeout): await send(.deadMan(number, await setDeadManTimer(timeout)))
        case .canceled: break
        }
    }

    private func unlisted(_ pair: Pair) -> VenueError {
        VenueError(.badSymbol, .permanent, code: "not-supported", message: "\(pair) is not among the job's instruments")
    }

    private func place(_ sending: OrderSending) async -> Result<OrderReport, VenueError> {
        guard let instrument = instruments[sending.pair] else { return .failure(unlisted(sending.pair)) }
        let left = Double(sending.end.milliseconds - trading.gate.venueNow().milliseconds) / pace
        let end = permit().now + BootDuration.milliseconds(Int64(left.rounded(.down)))
        let question = LivePermission.Question(effect: sending.effect, end: .at(end)) { [handover] in
            handover.leaves(sending.ticket)
        }
        return await LivePermission.$question.withValue(question) { [trading] in
            do throws(VenueError) {
                return .success(try await trading.place(sending.intent, instrument))
            } catch { return .failure(error) }
        }
    }

    private func cancel(
        _ reference: OrderReference, _ pair: Pair, _ placed: Timestamp
    ) async -> Result<OrderReport?, VenueError> {
        guard let instrument = instruments[pair] else { return .failure(unlisted(pair)) }
        let age = trading.gate.venueNow().milliseconds - placed.milliseconds
        do throws(VenueError) {
            return .success(try await trading.cancel(reference, instrument, age: .milliseconds(max(age, 0))))
        } catch { return .failure(error) }
    }

    private func lookUp(_ reference: OrderReference, _ pair: Pair) async -> LookUpAnswer {
        guard let instrument = instruments[pair] else { return .unanswered }
        let asked = trading.gate.venueNow()
        switch await trading.search(reference, instrument) {
        case .found(let report): return .found(report)
        case .notPlaced: return .absent(asked: asked)
        case .stillUnknown: return .unanswered
        }
    }

    /// A holder that was replaced leaves the account's one timer to its successor.
    private func setDeadManTimer(_ timeout: Duration) async -> VenueError? {
        if permit().holder == .superseded {
            let refusal = OrderPermitRefusal.superseded
            return VenueError(.rejected, .permanent, code: refusal.rawValue, message: refusal.description)
        }
        do throws(VenueError) { try await trading.deadManTimer(timeout / pace, nil) } catch { return error }
        return nil
    }

    /// Open orders, then fills, then balances, so that the balances have every fill that was read.
    private func read(_ request: ReconciliationRequest) async throws(VenueError) -> ReconciliationSnapshot {
        var open: [OrderReport] = []
        for instrument in instruments.values.sorted(by: { $0.pair < $1.pair }) {
            open += try await trading.openOrders(instrument)
        }
        var fills: [Fill] = []
        for query in request.fills {
            guard let instrument = instruments[query.pair] else { continue }
            fills += try await trading.allFills(instrument, after: query.after, from: query.after == nil ? query.from : nil)
        }
        let balances = try await trading.balances()
        return ReconciliationSnapshot(openOrders: open, fills: fills.sorted { $0.time < $1.time }, balances: balances)
    }
}
