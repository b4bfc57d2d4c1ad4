/// Counts how often the proofs of ownership of a case were made void: one that was made in an earlier
/// generation is worth nothing any more. A new case is in generation 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AccessGeneration(pub u32);
