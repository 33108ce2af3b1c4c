import Market
import Testing

@Suite struct PairTests {
    @Test func `spot pairs and contracts are read and printed`() throws {
        let spot = try #require(Pair("BTC/USDT"))
        #expect(spot.base == "BTC" && spot.quote == "USDT" && spot.settle == nil && spot.description == "BTC/USDT")
        let contract = try #require(Pair("XRP/USDT:USDT"))
        #expect(contract.settle == "USDT" && contract.description == "XRP/USDT:USDT")
        #expect(spot.fileStem == "BTC_USDT" && contract.fileStem == "XRP_USDT_USDT")
        #expect(Pair("A.B@C$D+E/F")?.fileStem == "A_B_C_D_E_F")
    }

    @Test(arguments: ["", "BTC", "BTC/", "/USDT", "A/B/C", "A/B:", "A/B:C:D", "A:B/C", "A B/C", "A/B\n", "A\\/B", "A/B\u{0}"])
    func `anything else is refused`(text: String) {
        #expect(Pair(text) == nil)
    }

    @Test func `pairs are ordered by their text`() {
        #expect(
            ["B/A", "A/B", "A/B:B", "A/A"].compactMap { Pair($0) }.sorted().map(\.description) == ["A/A", "A/B", "A/B:B", "B/A"])
    }
}
