package import Exchange
package import Market

/// What the shell is to do. It commits all `journal` records of what one input returned (or several inputs) in one durable commit, and
/// only then carries out the rest, in order. Where the commit fails nothing of the rest may be done and the process has to end.
package enum OrderDirective: Hashable, Sendable {
    case journal(JournalRecord)
    /// Send the order once; call `handedOver` at the write (it may be left out) and `sendResult` at the end. Never send it again.
    case send(OrderTicket, OrderIntent)
    /// Send a cancel once, then call `cancelResult`.
    case cancel(OrderTicket, OrderReference)
    /// After this wait ask the venue once, everywhere it keeps orders, then call `lookUpResult`.
    case lookUp(OrderTicket, OrderReference, after: Duration)
    /// A fill belongs to an order that nobody knows: ask for the order and hand its report to `accountEvent`.
    case identify(Pair, VenueOrderID)
    /// After this wait read open orders, fills and balances, then call `reconciled` or `reconciliationFailed`.
    case requestReconciliation(ReconciliationRequest, after: Duration)
    /// For the trading loop.
    case update(OrderUpdate)
    /// An order of ours that the journal did not know was found at the venue; its updates follow. Entries are canceled.
    case adopted(OrderRequest)
    /// Not ours: shown, never touched. Told once an order.
    case foreignOrder(OrderReport, OrderOwner)
    case blockEntries(BlockReason)
    case unblockEntries(BlockReason)
    /// The account has another owner: nothing may be traded by this process.
    case refuse(String)
    /// For a person.
    case alarm(String)
}

/// Why no entry is placed. Exits and cancels go on.
package enum BlockReason: String, Hashable, Sendable, CaseIterable {
    /// The venue's state was not read since the start, or since the stream was lost, or the last attempt failed.
    case notReconciled = "not_reconciled"
    /// The outcome of an order is unknown, or an order is neither open at the venue nor to be found there.
    case orderUnresolved = "order_unresolved"
    /// The venue says to have filled more than the fills that are here.
    case fillsMissing = "fills_missing"
    /// Another fleet, or a later holder of the same job, has orders on the account.
    case secondOwner = "second_owner"
    /// The venue's numbers contradict each other; a person has to look, and a restart clears it.
    case contradiction
}

/// What to read from the venue.
package struct ReconciliationRequest: Hashable, Sendable {
    package struct Fills: Hashable, Sendable {
        package var pair: Pair
        /// All fills after this trade; nil: by time.
        package var after: String?
        /// All fills from this time on.
        package var from: Timestamp
        package init(pair: Pair, after: String?, from: Timestamp) {
            self.pair = pair
            self.after = after
            self.from = from
        }
    }

    package var number: Int
    /// Sorted by pair.
    package var fills: [Fills]

    package init(number: Int, fills: [Fills]) {
        self.number = number
        self.fills = fills
    }
}

/// What the venue said over REST: complete lists, or it is no snapshot.
package struct ReconciliationSnapshot: Hashable, Sendable {
    package var openOrders: [OrderReport]
    /// All fills of the pairs that were asked for, oldest first.
    package var fills: [Fill]
    package var balances: [Balance]

    package init(openOrders: [OrderReport], fills: [Fill], balances: [Balance]) {
        self.openOrders = openOrders
        self.fills = fills
        self.balances = balances
    }
}

/// What one look-up came to.
package enum LookUpAnswer: Hashable, Sendable {
    case found(OrderReport)
    /// Every place answered, and none has it; asked at this moment of the venue's time.
    case absent(asked: Timestamp)
    case unanswered
}
