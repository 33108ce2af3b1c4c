internal import Coordination
internal import FleetProtocol
internal import JobStore
internal import Transport

/// A copy of the store that somebody has asked for.
struct RunningBackup {
    var peer: TransportPeer
    var request: RequestID
    var path: String
    var copy: any StoreBackup
}

/// Copies of the store while it goes on: a part a turn, between two batches.
extension CoordinatorShell {
    mutating func begin(
        backupTo path: String, for request: RequestID, of message: Message, _ turn: borrowing Turn<Event>
    ) {
        func refuse(_ code: Refusal.Code, _ why: String) {
            let answer = QueryAnswer.refused(Refusal(code, why))
            turn.send(Frames(ControlWire.bytes(answer, to: request)), on: endpoints.control, to: message.peer)
        }
        if let backup {
            // The same question again, from a client that waits for its answer.
            if backup.request == request, backup.path == path {
                self.backup?.peer = message.peer
                return
            }
            return refuse(.wrongState, "a copy is being made already, at \(backup.path): wait for its end")
        }
        guard Rights.mayBackUp(message.user) else {
            return refuse(.invalidRequest, "the key of '\(message.user?.name ?? "?")' may only look; use an operator's key")
        }
        guard path.hasPrefix("/") else { return refuse(.invalidRequest, "'\(path)' is no absolute path") }
        do throws(JobStoreError) {
            let copy = try store.backUp(to: path)
            backup = RunningBackup(peer: message.peer, request: request, path: path, copy: copy)
        } catch { refuse(.wrongState, "\(error)") }
    }

    /// Copies the next part. True: there is more.
    mutating func goOnWithBackup(_ turn: borrowing Turn<Event>) -> Bool {
        guard let backup else { return false }
        let answer: QueryAnswer
        do throws(JobStoreError) {
            guard let bytes = try backup.copy.step() else { return true }
            answer = .backedUp(bytes: bytes)
        } catch { answer = .refused(Refusal(.wrongState, "\(error)")) }
        turn.send(Frames(ControlWire.bytes(answer, to: backup.request)), on: endpoints.control, to: backup.peer)
        self.backup = nil
        return false
    }
}
