package import Matching

/// What clients do to their orders; events follow.
extension PaperVenue {
    /// An order that was accepted, with what it filled at once.
    package struct Placed: Sendable {
        package let order: Order
        package let fills: [Fill]
    }

    package mutating func place(_ request: OrderRequest) -> Result<Placed, Rejection> {
        let result: Result<Placed, Rejection>
        do {
            let order = try engine.place(request)
            result = .success(Placed(order: order, fills: fills(of: order.id)))
        } catch {
            result = .failure(error)
        }
        collect()
        return result
    }

    package mutating func place(_ request: OCORequest) -> Result<OrderList, Rejection> {
        changing { engine throws(Rejection) in try engine.place(request) }
    }

    package mutating func cancel(_ reference: OrderReference, of account: AccountID) -> Result<Order, Rejection> {
        changing { engine throws(Rejection) in try engine.cancel(reference, of: account) }
    }

    package mutating func cancelList(_ id: OrderListID, of account: AccountID) -> Result<OrderList, Rejection> {
        changing { engine throws(Rejection) in try engine.cancelList(id, of: account) }
    }

    /// The orders that were canceled, as they were before.
    package mutating func cancelAll(of account: AccountID, _ instrument: InstrumentID? = nil) -> [Order] {
        let open = engine.openOrders(of: account, instrument)
        _ = engine.cancelAll(of: account, instrument)
        collect()
        return open
    }

    package mutating func amend(
        _ reference: OrderReference, of account: AccountID, price: Int64?, quantity: Int64?
    ) -> Result<Order, Rejection> {
        changing { engine throws(Rejection) in try engine.amend(reference, of: account, price: price, quantity: quantity) }
    }

    private mutating func changing<Value>(
        _ change: (inout MatchingEngine) throws(Rejection) -> Value
    ) -> Result<Value, Rejection> {
        let result: Result<Value, Rejection>
        do { result = .success(try change(&engine)) } catch { result = .failure(error) }
        collect()
        return result
    }

    /// The fills of an order among the reports that were not collected yet.
    private func fills(of order: OrderID) -> [Fill] {
        engine.updates.compactMap {
            if case .trade(let fill) = $0.kind, fill.order == order { fill } else { nil }
        }
    }
}
