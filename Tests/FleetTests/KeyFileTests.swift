import Testing

@testable import Fleet

@Suite struct KeyFileTests {
    @Test(arguments: [KeyFile.Purpose.connection, .signing])
    func `printing, dumping and reflecting a key file never shows the secret`(purpose: KeyFile.Purpose) throws {
        let file = try KeyFile.make(name: "operator", role: .operator, purpose: purpose)
        let secret = try #require(file.secretKey)
        for text in ["\(file)", String(reflecting: file), dumped(file), dumped([file]), dumped(Optional(file)), "\([file])"] {
            #expect(!text.contains(secret) && text.contains("operator"), "\(purpose)")
        }
        #expect(!Mirror(reflecting: file).children.contains { $0.label == "secretKey" })
        #expect(dumped(file).contains(file.publicKey))
    }

    private func dumped(_ value: some Any) -> String {
        var text = ""
        dump(value, to: &text)
        return text
    }
}
