package import Exchange
package import Market

/// What became of an order whose placing had no answer.
package enum LookUpResult: Hashable, Sendable {
    case found(OrderReport)
    /// It is not there, and the venue's own time for it is over: it never will be.
    case notPlaced
    /// The venue could not be asked. Nothing may be assumed; ask again.
    case stillUnknown
}

extension TradingClient {
    /// Looks for an order by our id: the order itself, the open ones, the fills, with growing waits.
    ///
    /// `end` is the last moment, in the venue's time, at which the request could still have been accepted (its receive window or
    /// deadline). That nothing is there counts only when it was asked after `end` and the venue's `backendTimeout` were over. Where the
    /// venue does not answer, `patience` longer is tried.
    package func lookUp(
        _ id: ClientOrderID, _ instrument: TradedInstrument, until end: Timestamp, patience: Duration = .seconds(60)
    ) async -> LookUpResult {
        let margin = (gate.clockOffset()?.uncertainty ?? .seconds(2)).wholeMilliseconds
        let conclusive = end.milliseconds + venue.backendTimeout.wholeMilliseconds + margin
        var pause = Duration.milliseconds(250)
        while !Task.isCancelled {
            let asked = gate.venueNow().milliseconds
            switch await search(.client(id), instrument) {
            case .found(let report): return .found(report)
            case .notPlaced where asked > conclusive: return .notPlaced
            case .notPlaced: break
            case .stillUnknown where asked > conclusive + patience.wholeMilliseconds: return .stillUnknown
            case .stillUnknown: break
            }
            await clock.sleep(for: pause)
            pause = min(pause * 2, .seconds(5))
        }
        return .stillUnknown
    }

    /// Looks for an order once everywhere. `notPlaced`: every place answered and none has it; whether that is for good depends on when it was
    /// asked.
    package func search(_ reference: OrderReference, _ instrument: TradedInstrument) async -> LookUpResult {
        // Every one of the venue's lists has to say no: one that did not answer may be the one that has it.
        var isCertain = true
        for lookup in venue.orderLookups(reference, instrument) {
            do {
                return .found(try await call(lookup))
            } catch {
                isCertain = isCertain && error.kind == .orderNotFound
            }
        }
        do {
            if let open = try await openOrders(instrument).first(where: { reference.means($0.clientOrderID, $0.venueOrderID) }) {
                return .found(open)
            }
        } catch {
            isCertain = false
        }
        do {
            let newest = try await fills(instrument)
            if let fill = newest.last(where: { reference.means($0.clientOrderID, $0.venueOrderID) }),
                let number = fill.venueOrderID
            {
                return .found(try await order(.venue(number), instrument))
            }
        } catch {
            isCertain = false
        }
        return isCertain ? .notPlaced : .stillUnknown
    }
}

extension OrderReference {
    fileprivate func means(_ client: ClientOrderID?, _ venue: VenueOrderID?) -> Bool {
        switch self {
        case .client(let id): id == client
        case .venue(let id): id == venue
        }
    }
}
