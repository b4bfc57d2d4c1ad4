//! Priority scores, by which queues are sorted, and their breakdown.

use thiserror::Error;

use crate::case::CaseFacts;
use crate::classification::{CustomerType, IssueType, Urgency};
use crate::escalation::EscalationLevel;
pub use crate::priority_score::PriorityScore;

/// Points for each fact about a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", default))]
pub struct PriorityWeights {
    /// Points by urgency, from `LOW` to `CRITICAL`.
    pub urgency: [u8; 4],
    /// Points by customer type, from `FREE` to `ENTERPRISE`.
    pub customer_type: [u8; 3],
    /// Points for a technical issue.
    pub technical: u8,
    /// Points for a billing issue.
    pub billing: u8,
    /// Points for any other issue.
    pub general: u8,
    /// Points for each escalation level.
    pub escalation_level: u8,
}

impl Default for PriorityWeights {
    fn default() -> Self {
        Self {
            urgency: [10, 35, 64, 70],
            customer_type: [0, 13, 16],
            technical: 8,
            billing: 4,
            general: 0,
            escalation_level: 2,
        }
    }
}

/// Scores cases by weights.
///
/// The largest sum of the weights is at most 100. Raising the urgency, the customer type or the
/// escalation level never lowers the score.
///
/// ```
/// use engage_domain::case::EscalationLevel;
/// use engage_domain::priority::{PriorityPolicy, PriorityWeights};
/// use engage_domain::{CustomerType, IssueType, Urgency};
///
/// // Billing comes before technical issues.
/// let weights = PriorityWeights { billing: 8, technical: 4, ..PriorityWeights::default() };
/// let policy = PriorityPolicy::new(weights)?;
/// let (customer, level) = (CustomerType::Business, EscalationLevel::NONE);
/// let points = policy.explain(Urgency::High, customer, IssueType::Billing, level);
/// assert_eq!((points.issue_type, points.score().get()), (8, 85));
///
/// // A higher urgency must not count less.
/// let falling = PriorityWeights { urgency: [70, 64, 35, 10], ..weights };
/// assert!(PriorityPolicy::new(falling).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "PriorityWeights", into = "PriorityWeights"))]
pub struct PriorityPolicy {
    weights: PriorityWeights,
}

/// Error returned when weights are not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PriorityPolicyError {
    /// The maximum score is above 100, so the highest scores would be cut off.
    #[error("priority weights must add up to at most 100, but their largest sum is {maximum}")]
    TooLarge {
        /// Maximum score of a case with these weights.
        maximum: u16,
    },
    /// A weight is lower than that of the next lower urgency or customer type.
    #[error("priority weights must not decrease from one {factor} to the next higher one")]
    Falling {
        /// Factor whose weights decrease.
        factor: &'static str,
    },
}

/// Priority score with the points for each fact.
///
/// ```
/// use engage_domain::priority::PriorityBreakdown;
///
/// let points = PriorityBreakdown { urgency: 64, customer_type: 13, issue_type: 8, escalation: 2 };
/// assert_eq!(points.score().get(), 87);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct PriorityBreakdown {
    /// Points for the urgency.
    pub urgency: u8,
    /// Points for the customer type.
    pub customer_type: u8,
    /// Points for the issue type.
    pub issue_type: u8,
    /// Points for the escalation level.
    pub escalation: u8,
}

impl PriorityBreakdown {
    /// Returns the sum of the points, capped at the highest score.
    pub fn score(&self) -> PriorityScore {
        let sum = self
            .urgency
            .saturating_add(self.customer_type)
            .saturating_add(self.issue_type)
            .saturating_add(self.escalation);
        PriorityScore::of_points(sum)
    }
}

impl TryFrom<PriorityWeights> for PriorityPolicy {
    type Error = PriorityPolicyError;

    fn try_from(weights: PriorityWeights) -> Result<Self, PriorityPolicyError> {
        Self::new(weights)
    }
}

impl From<PriorityPolicy> for PriorityWeights {
    fn from(policy: PriorityPolicy) -> Self {
        policy.weights
    }
}

impl PriorityPolicy {
    /// Creates a policy from weights.
    ///
    /// Fails if the largest sum of the weights is above 100, or if a weight decreases from one
    /// urgency or customer type to the next higher one.
    pub fn new(weights: PriorityWeights) -> Result<Self, PriorityPolicyError> {
        if !weights.urgency.is_sorted() {
            return Err(PriorityPolicyError::Falling { factor: "urgency" });
        }
        if !weights.customer_type.is_sorted() {
            return Err(PriorityPolicyError::Falling { factor: "customer type" });
        }
        let issue_type = weights.technical.max(weights.billing).max(weights.general);
        let maximum = u16::from(weights.urgency[3])
            + u16::from(weights.customer_type[2])
            + u16::from(issue_type)
            + u16::from(weights.escalation_level) * u16::from(EscalationLevel::MAX.get());
        if maximum > u16::from(PriorityScore::MAX) {
            return Err(PriorityPolicyError::TooLarge { maximum });
        }
        Ok(Self { weights })
    }

    /// Returns the points for each fact. Their sum is the score.
    pub fn explain(
        &self,
        urgency: Urgency,
        customer_type: CustomerType,
        issue_type: IssueType,
        level: EscalationLevel,
    ) -> PriorityBreakdown {
        let weights = &self.weights;
        PriorityBreakdown {
            urgency: weights.urgency[urgency as usize],
            customer_type: weights.customer_type[customer_type as usize],
            issue_type: match issue_type {
                IssueType::Technical => weights.technical,
                IssueType::Billing => weights.billing,
                IssueType::General => weights.general,
            },
            escalation: weights.escalation_level * level.get(),
        }
    }

    /// Returns the points for each fact about a case.
    ///
    /// ```
    /// # use engage_domain::*;
    /// # let (mut ids, policies) = (1.., Policies::default());
    /// # let mut by = |actor, at: &str| Stamp::new(at.parse().unwrap(), actor, || ids.next().unwrap());
    /// # let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?);
    /// # let request = OpenRequest::new(customer, "No access".parse()?, "It says 403.".parse()?);
    /// # let (id, number) = (CaseId::from_u128(1), "CW-2025-001".parse()?);
    /// # let stamp = by(Actor::Customer, "2025-01-27T10:00:00Z");
    /// # let opened = Case::open(id, number, request, &policies, stamp);
    /// # let case = opened.case;
    /// let breakdown = policies.priority.explain_case(case.facts());
    /// assert_eq!((breakdown.urgency, breakdown.issue_type), (35, 0));
    /// assert_eq!(breakdown.score(), case.facts().priority_score);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn explain_case(&self, case: &CaseFacts) -> PriorityBreakdown {
        self.explain(
            case.urgency,
            case.customer.customer_type,
            case.issue_type,
            case.escalation_level,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn score(u: Urgency, c: CustomerType, i: IssueType, level: u8) -> u8 {
        let level = EscalationLevel::new(level).unwrap();
        PriorityPolicy::default().explain(u, c, i, level).score().get()
    }

    #[test]
    fn every_factor_is_worth_its_documented_points() {
        use {CustomerType as C, IssueType as I, Urgency as U};
        for (urgency, points) in [(U::Low, 10), (U::Medium, 35), (U::High, 64), (U::Critical, 70)] {
            assert_eq!(score(urgency, C::Free, I::General, 0), points, "{urgency}");
        }
        for (customer, points) in [(C::Free, 0), (C::Business, 13), (C::Enterprise, 16)] {
            assert_eq!(score(U::Low, customer, I::General, 0), 10 + points, "{customer}");
        }
        for (issue, points) in [(I::General, 0), (I::Billing, 4), (I::Technical, 8)] {
            assert_eq!(score(U::Low, C::Free, issue, 0), 10 + points, "{issue}");
        }
        for level in 0..=3 {
            assert_eq!(score(U::Low, C::Free, I::General, level), 10 + 2 * level);
        }
    }

    #[test]
    fn the_seeds_example_scores_85() {
        assert_eq!(score(Urgency::High, CustomerType::Business, IssueType::Technical, 0), 85);
    }

    #[test]
    fn exactly_one_combination_reaches_100() {
        let mut at_the_top = Vec::new();
        for &urgency in Urgency::ALL {
            for &customer in CustomerType::ALL {
                for &issue in IssueType::ALL {
                    for level in 0..=3 {
                        if score(urgency, customer, issue, level) == 100 {
                            at_the_top.push((urgency, customer, issue, level));
                        }
                    }
                }
            }
        }
        let top = (Urgency::Critical, CustomerType::Enterprise, IssueType::Technical, 3);
        assert_eq!(at_the_top, [top]);
    }

    #[test]
    fn weights_beyond_100_are_refused() {
        let weights = PriorityWeights { technical: 9, ..PriorityWeights::default() };
        let refusal = PriorityPolicy::new(weights);
        assert_eq!(refusal, Err(PriorityPolicyError::TooLarge { maximum: 101 }));
        let extreme = PriorityWeights {
            urgency: [255; 4],
            customer_type: [255; 3],
            technical: 255,
            billing: 255,
            general: 255,
            escalation_level: 255,
        };
        assert!(PriorityPolicy::new(extreme).is_err());
    }

    #[test]
    fn weights_that_fall_as_urgency_or_customer_type_rise_are_refused() {
        let falling = PriorityWeights { urgency: [10, 9, 64, 70], ..PriorityWeights::default() };
        let refusal = PriorityPolicy::new(falling);
        assert_eq!(refusal, Err(PriorityPolicyError::Falling { factor: "urgency" }));
        let falling = PriorityWeights { customer_type: [5, 4, 6], ..PriorityWeights::default() };
        assert!(PriorityPolicy::new(falling).is_err());
    }

    fn weights() -> impl Strategy<Value = PriorityWeights> {
        (any::<[u8; 4]>(), any::<[u8; 3]>(), any::<[u8; 3]>(), 0_u8..6).prop_map(
            |(mut urgency, mut customer_type, issue, escalation_level)| {
                urgency = urgency.map(|weight| weight % 50);
                customer_type = customer_type.map(|weight| weight % 25);
                urgency.sort_unstable();
                customer_type.sort_unstable();
                let [technical, billing, general] = issue.map(|weight| weight % 10);
                PriorityWeights {
                    urgency,
                    customer_type,
                    technical,
                    billing,
                    general,
                    escalation_level,
                }
            },
        )
    }

    proptest! {
        #[test]
        fn raising_a_factor_never_lowers_the_score(
            weights in weights(), u in 0_usize..4, c in 0_usize..3, i in 0_usize..3, l in 0_u8..=3,
        ) {
            let policy = PriorityPolicy::new(weights).unwrap();
            let (urgency, customer) = (Urgency::ALL[u], CustomerType::ALL[c]);
            let (issue, level) = (IssueType::ALL[i], EscalationLevel::new(l).unwrap());
            let score = policy.explain(urgency, customer, issue, level).score();
            prop_assert!(score.get() <= 100);
            prop_assert!(policy.explain(urgency.raised(), customer, issue, level).score() >= score);
            prop_assert!(policy.explain(urgency, customer, issue, level.raised()).score() >= score);
            let larger = CustomerType::ALL[(c + 1).min(2)];
            prop_assert!(policy.explain(urgency, larger, issue, level).score() >= score);
        }
    }
}
