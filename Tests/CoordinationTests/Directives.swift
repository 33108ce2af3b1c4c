import Coordination

// The instance appends to its shell's array; tests like to have what one input asked for by itself.

extension CoordinatorInstance {
    mutating func receive(
        _ message: WorkerToCoordinator, from peer: PeerID, lookup: some AddressLookup, at moment: Moment
    ) -> [CoordinatorDirective] {
        var directives: [CoordinatorDirective] = []
        receive(message, from: peer, lookup: lookup, at: moment, into: &directives)
        return directives
    }

    mutating func receive(
        _ request: ClientRequest, id: RequestID, from peer: PeerID, lookup: some AddressLookup, at moment: Moment
    ) -> [CoordinatorDirective] {
        var directives: [CoordinatorDirective] = []
        receive(request, id: id, from: peer, lookup: lookup, at: moment, into: &directives)
        return directives
    }

    mutating func tick(at moment: Moment) -> [CoordinatorDirective] {
        var directives: [CoordinatorDirective] = []
        tick(at: moment, into: &directives)
        return directives
    }

    mutating func endBatch(at moment: Moment) -> [CoordinatorDirective] {
        var directives: [CoordinatorDirective] = []
        endBatch(at: moment, into: &directives)
        return directives
    }

    mutating func setHold(_ hold: Bool, reason: String, at moment: Moment) -> [CoordinatorDirective] {
        var directives: [CoordinatorDirective] = []
        setHold(hold, reason: reason, at: moment, into: &directives)
        return directives
    }
}
