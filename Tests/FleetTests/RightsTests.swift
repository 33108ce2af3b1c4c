import Halt
import Testing
import Transport

@testable import Fleet

@Suite struct RightsTests {
    private let names: Set<String> = ["farm", "farm-live", "coordinator"]

    private func user(_ name: String, _ role: Rights.Role) throws -> Identity {
        Identity(name: name, role: role.rawValue, publicKey: try KeyPair.generate().publicKey)
    }

    private func hello(_ name: String, _ memberClass: MemberClass) -> MemberMessage {
        .hello(
            MemberHello(
                member: MemberName(name), session: MemberSession(1), role: .worker, memberClass: memberClass, processID: 1,
                held: nil))
    }

    private func ack(_ name: String) -> MemberMessage {
        .ack(
            HaltAck(
                member: MemberName(name), session: MemberSession(1), epoch: HaltEpoch(incarnation: 1, counter: 1), stage: .durable
            ))
    }

    @Test func `the longest name of a key that fits serves a member`() throws {
        let farm = try user("farm", .backtestWorker)
        let live = try user("farm-live", .liveWorker)
        #expect(Rights.mayActAsMember(hello("farm-3", .backtest), farm, among: names, known: nil))
        #expect(!Rights.mayActAsMember(hello("farm-live", .backtest), farm, among: names, known: nil))
        #expect(!Rights.mayActAsMember(hello("farm-live-1", .backtest), farm, among: names, known: nil))
        #expect(Rights.mayActAsMember(hello("farm-live-1", .live), live, among: names, known: nil))
        #expect(!Rights.mayActAsMember(hello("farm-3", .live), live, among: names, known: nil))
    }

    @Test func `a key acknowledges for no member of another class`() throws {
        let farm = try user("farm", .backtestWorker)
        #expect(Rights.mayActAsMember(ack("farm-x"), farm, among: names, known: .backtest))
        #expect(Rights.mayActAsMember(ack("farm-x"), farm, among: names, known: nil))
        #expect(!Rights.mayActAsMember(ack("farm-x"), farm, among: names, known: .live))
        #expect(!Rights.mayActAsMember(hello("farm-x", .live), farm, among: names, known: nil))
        #expect(!Rights.mayActAsMember(ack("farm"), try user("farm", .operator), among: names, known: nil))
    }

    @Test func `the names of members' keys are those of the peers' folder`() throws {
        let folder = try TemporaryFolder()
        let keys = KeyRing(folder: folder.path + "/keys")
        _ = try keys.makeMissing()
        #expect(try keys.memberNames() == ["coordinator", "worker", "dry-worker", "live-worker"])
    }

    @Test func `only an operator's key tells a death and has the store copied`() throws {
        let death = OperatorMessage.memberDied(
            MemberDeath(
                request: HaltRequestID(high: 1, low: 2), run: MemberRun(high: 3, low: 4), witnessed: true, reason: "r",
                operator: "o"))
        for role in Rights.Role.allCases {
            let user = try user("x", role)
            #expect(Rights.allows(death, user) == (role == .operator), "\(role)")
            #expect(Rights.mayBackUp(user) == (role == .operator), "\(role)")
        }
        #expect(Rights.allows(death, nil) && Rights.mayBackUp(nil))
    }
}
