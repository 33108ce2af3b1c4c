import FleetProtocol

// The entry of libFuzzer over every decoder of the wire format. Built by `deploy/fuzz` only; no target of Package.swift.

/// Takes every signature, so that what lies behind one is fuzzed too.
private struct AnySignature: HaltSignatureCheck {
    func isValid(_ bytes: [UInt8], signature: [UInt8], of monitor: String) -> Bool { true }
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ one: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The name that SwiftPM gives to the `main` of this executable; libFuzzer's own one is not linked.
@_cdecl("FleetFuzz_main")
public func fuzzMain(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
    var count = count
    var arguments = arguments
    return runDriver(&count, &arguments, fuzzOne)
}

/// Decodes with each decoder; what is taken is encoded and must be read again as the same value.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let check = AnySignature()
    if let read = try? JobsWire.workerMessage(bytes) {
        same(read, try? JobsWire.workerMessage(JobsWire.bytes(read.message, result: read.result)))
    }
    if let read = try? JobsWire.coordinatorMessage(bytes) {
        // Payloads of jobs that are not in the batch are not sent on.
        let again = try? JobsWire.coordinatorMessage(JobsWire.bytes(read.message, payloads: read.payloads))
        same(read.message, again?.message)
    }
    if let read = try? ControlWire.inbound(bytes) {
        switch read.content {
        case .request(let request, let payloads):
            same(read, try? ControlWire.inbound(ControlWire.bytes(request, payloads: payloads, request: read.request)))
        case .query(let query): same(read, try? ControlWire.inbound(ControlWire.bytes(query, request: read.request)))
        }
    }
    if let read = try? ControlWire.outbound(bytes) {
        switch read.content {
        case .reply(let reply): same(read, try? ControlWire.outbound(ControlWire.bytes(reply, to: read.request)))
        case .answer(let answer): same(read, try? ControlWire.outbound(ControlWire.bytes(answer, to: read.request)))
        case .error: break
        }
    }
    if let read = try? ControlWire.event(bytes) { same(read, try? ControlWire.event(ControlWire.bytes(read))) }
    if let read = try? TelemetryWire.health(bytes) { same(read, try? TelemetryWire.health(TelemetryWire.bytes(read))) }
    if let read = try? GuardWire.beacon(bytes, check) { same(read, try? GuardWire.beacon(GuardWire.bytes(read), check)) }
    if let read = try? GuardWire.monitorMessage(bytes, check) {
        same(read, try? GuardWire.monitorMessage(GuardWire.bytes(read), check))
    }
    if let read = try? GuardWire.operatorReply(bytes) { same(read, try? GuardWire.operatorReply(GuardWire.bytes(read))) }
    switch try? GuardWire.inbound(bytes, check) {
    case .member(let read)?: same(.member(read), try? GuardWire.inbound(GuardWire.bytes(read), check))
    case .operator(let read)?: same(.operator(read), try? GuardWire.inbound(GuardWire.bytes(read), check))
    case nil: break
    }
    if let read = try? JobSpecification(decoding: bytes) { same(read, try? JobSpecification(decoding: read.encoded())) }
    return 0
}

private func same<Value: Equatable>(_ read: Value, _ again: Value?) {
    precondition(read == again, "\(read) came back as \(String(describing: again))")
}
