package import Market
package import Orders

/// What a shell does for the trading loop. Records of a batch come first: they are committed before anything of it is sent.
package enum TradingDirective: Hashable, Sendable {
    case record(TradingRecord)
    case place(OrderRequest)
    case cancel(OrderTicket, CancelReason)
    /// A trade changed: for display and statistics.
    case trade(TradeReport)
    case decision(Decision)
    /// Call `tick` at this time at the latest.
    case wakeAt(Timestamp)
    /// After `stopRequested`: nothing more is to be waited for.
    case finished
}

/// Why an order is canceled. The texts stand in journals.
package enum CancelReason: String, Hashable, Sendable, CaseIterable {
    case timeout
    /// Another order takes its place.
    case replaced
    /// The protective stop moves.
    case stopMoved = "stop_moved"
    /// The gate lets no entry stand.
    case gate
    case shutdown
}

/// State of the loop for the journal: of each kind and key the newest counts. The bytes are JSON.
package struct TradingRecord: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Counters and locks of the job; the key is 0.
        case job
        /// A trade with its orders; the key is its number.
        case trade
    }

    package var kind: Kind
    package var key: UInt64
    package var bytes: [UInt8]

    package init(kind: Kind, key: UInt64, bytes: [UInt8]) {
        self.kind = kind
        self.key = key
        self.bytes = bytes
    }
}

/// Why the loop did, or did not do something that a reader would ask about.
package struct Decision: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case noFreeSlot = "no_free_slot"
        case pairLocked = "pair_locked"
        case outdatedCandles = "outdated_candles"
        case expiredSignal = "expired_signal"
        case entriesPaused = "entries_paused"
        case gateClosed = "gate_closed"
        case noPrice = "no_price"
        case noWallet = "no_wallet"
        case stakeUnavailable = "stake_unavailable"
        case stakeTooSmall = "stake_too_small"
        case notTradable = "not_tradable"
        case entryPlaced = "entry_placed"
        case entryFailed = "entry_failed"
        case exitPlaced = "exit_placed"
        case exitFailed = "exit_failed"
        case belowMinimum = "below_minimum"
        case notEnoughToExit = "not_enough_to_exit"
        case keptOpen = "kept_open"
        case stopPlaced = "stop_placed"
        case stopFailed = "stop_failed"
        case timedOut = "timed_out"
        case lateUpdate = "late_update"
    }

    package var kind: Kind
    package var pair: Pair?
    package var trade: TradeNumber?
    /// One sentence for people, with the numbers that decided.
    package var text: String
    package var time: Timestamp

    package init(kind: Kind, pair: Pair?, trade: TradeNumber?, text: String, time: Timestamp) {
        self.kind = kind
        self.pair = pair
        self.trade = trade
        self.text = text
        self.time = time
    }
}

/// Why a loop cannot start.
package enum TradingError: Error, Hashable, Sendable, CustomStringConvertible {
    case settings([String])
    /// A record of the journal that this version cannot read.
    case record(kind: TradingRecord.Kind, key: UInt64, problem: String)
    /// An open trade of a pair that the venue does not list.
    case unknownInstrument(Pair, TradeNumber)

    package var description: String {
        switch self {
        case .settings(let problems): "these settings cannot be traded with: " + problems.joined(separator: "; ")
        case .record(let kind, let key, let problem):
            "the journal's record '\(kind.rawValue)' \(key) cannot be read (\(problem)): the journal is damaged or of another version"
        case .unknownInstrument(let pair, let trade):
            "trade \(trade) is open in \(pair), which the venue does not list: close it there by hand, then declare it closed"
        }
    }
}

/// What the order gate lets through, as the shell reads it for this account.
package enum GateMode: String, Hashable, Sendable, CaseIterable {
    case active
    /// Orders that make positions smaller, and cancels.
    case reducing
    /// Nothing of the strategy's; protective stops at the venue stay.
    case halted
}
