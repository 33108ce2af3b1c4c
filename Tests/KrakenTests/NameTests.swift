import Testing

@testable import Kraken
