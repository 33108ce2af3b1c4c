import Coordination
import FleetProtocol
import Halt

extension GoldenSamples {
    static let haltState = MonitorHaltState(
        monitor: monitor, epoch: epoch, rearmed: HaltEpoch(incarnation: 1, counter: 4),
        entries: [
            HaltEntry(
                id: 1, scope: .account("kraken-main"), action: .cancel, reason: "drawdown", operator: "rule", wallMilliseconds: 5)
        ])
    static let signedState = TestSignature.signed(haltState)
    static let haltGrant = TestSignature.signed(
        Halt.Grant(
            monitor: monitor, member: member, session: MemberSession(8), nonce: HaltNonce(high: 1, low: 2),
            leaseMilliseconds: 1_000, state: signedState))

    private static func acked(_ stage: AckStage) -> Sample {
        .guardInbound(.member(.ack(HaltAck(member: member, session: MemberSession(8), epoch: epoch, stage: stage))))
    }

    private static let memberHealth = MemberHealth(
        member: member, session: MemberSession(8),
        restriction: MemberRestriction(mode: .reducing, causes: [.entry, .conflict]), seen: epoch, jobsRunning: 2,
        residentBytes: 3, processorMilliseconds: 4)

    static let members: [(name: String, sample: Sample)] = [
        (
            "member-hello",
            .guardInbound(
                .member(
                    .hello(
                        MemberHello(
                            member: member, session: MemberSession(8), role: .worker, memberClass: .live, processID: 5,
                            held: signedState))))
        ),
        (
            "member-hello-of-a-run",
            .guardInbound(
                .member(
                    .hello(
                        MemberHello(
                            member: member, session: MemberSession(8), role: .worker, memberClass: .backtest, processID: 5,
                            held: nil, run: MemberRun(high: 3, low: 4)))))
        ),
        (
            "grant-request",
            .guardInbound(
                .member(
                    .grantRequest(
                        GrantRequest(
                            member: member, session: MemberSession(8), nonce: HaltNonce(high: 1, low: 2), seen: epoch))))
        ), ("ack-received", acked(.received)), ("ack-blocked", acked(.blocked)),
        ("ack-not-durable", acked(.notDurable("disk full"))), ("ack-durable", acked(.durable)),
        (
            "ack-orders",
            acked(.ordersCanceled(remaining: [HaltOrder(account: "a", pair: "BTC/USDT", order: "1", reason: "closed")]))
        ),
        ("ack-flat", acked(.flat(remaining: [HaltResidual(account: "a", asset: "BTC", amount: "0.00001", reason: "dust")]))),
        ("member-health", .guardInbound(.member(.health(memberHealth)))),
    ]

    static let monitors: [(name: String, sample: Sample)] = [
        ("halt-state", .monitor(.state(signedState))), ("halt-grant", .monitor(.grant(haltGrant))),
        ("show-state", .monitor(.showState(monitor))),
        ("session-replaced", .monitor(.sessionReplaced(newest: MemberSession(9)))),
        ("beacon", .beacon(HaltBeacon(sequence: 12, state: signedState))),
    ]

    private static func operators(_ message: OperatorMessage) -> Sample { .guardInbound(.operator(message)) }

    private static func rearm(_ selection: RearmRequest.Selection) -> Sample {
        operators(
            .rearm(
                RearmRequest(
                    request: haltRequest, monitor: monitor, epoch: epoch, selection: selection, reason: "fixed", operator: "ann"))
        )
    }

    static let operators: [(name: String, sample: Sample)] = [
        (
            "stop",
            operators(
                .stop(
                    StopRequest(
                        request: haltRequest, scope: .strategy("EmaCross"), action: .flatten, reason: "why", operator: "ann")))
        ), ("rearm-all", rearm(.all)), ("rearm-some", rearm(.entries([1, 300]))),
        ("halt-status", operators(.status(HaltStatusRequest(request: haltRequest)))),
        ("halt-progress", operators(.progress(haltRequest))),
        (
            "member-death",
            operators(
                .memberDied(
                    MemberDeath(
                        request: haltRequest, run: MemberRun(high: 3, low: 4), witnessed: true, reason: "signal 9",
                        operator: "up")))
        ), ("halt-done", .operatorReply(.done(haltRequest))),
        (
            "progress-answer",
            .operatorReply(
                .progress(
                    HaltProgress(
                        request: haltRequest, kind: .rearm, monitor: monitor, epoch: epoch, durable: true, latchFailure: "f",
                        complete: true, formerLeasesMilliseconds: 5,
                        members: [
                            MemberProgress(
                                member: member, session: MemberSession(8), memberClass: .dryRun, stage: .durable, lost: true,
                                leaseMilliseconds: 7)
                        ])))
        ),
        (
            "halt-refusal",
            .operatorReply(
                .refused(
                    HaltRefusal(
                        request: haltRequest, code: .wrongEpoch, monitor: monitor, current: epoch, message: "name epoch 2.9")))
        ),
        (
            "halt-status-answer",
            .operatorReply(
                .status(
                    HaltStatus(
                        request: haltRequest, state: haltState, durable: true, latchFailure: "f",
                        members: [
                            MemberStatus(
                                member: member, session: MemberSession(8), role: .coordinator, memberClass: .coordinator,
                                processID: 4, silentMilliseconds: 5, lost: true, leaseMilliseconds: 6, seen: epoch,
                                health: memberHealth)
                        ], leftOut: 1)))
        ),
        (
            "halt-status-answer-of-a-run",
            .operatorReply(
                .status(
                    HaltStatus(
                        request: haltRequest, state: haltState, durable: true, latchFailure: "",
                        members: [
                            MemberStatus(
                                member: member, session: MemberSession(8), role: .worker, memberClass: .backtest, processID: 4,
                                silentMilliseconds: 5, lost: false, leaseMilliseconds: 0, seen: epoch, health: nil,
                                run: MemberRun(high: 3, low: 4))
                        ], leftOut: 0, processID: 77)))
        ),
    ]
}
