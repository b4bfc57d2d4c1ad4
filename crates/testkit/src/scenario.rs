use std::fmt::Debug;

use engage_domain::{Actor, Case, Decision, Event, Policies, Stamp, Status, Timestamp};

use crate::builders::a_stamp;

/// Begins a scenario of a case's lifecycle: given a case, when it is changed, then something has
/// happened or was refused.
///
/// ```
/// use engage_domain::{Actor, EscalateRequest, Status, Urgency};
/// use engage_testkit::builders::{an_opened, minutes_later};
/// use engage_testkit::given;
///
/// let request = EscalateRequest { reason: "Down.".parse().unwrap(), new_urgency: None };
/// given(an_opened(1).case)
///     .at(minutes_later(90))
///     .by(Actor::Customer)
///     .when(|case, policies, stamp| case.escalate(request, policies, stamp))
///     .then_status(Status::Open)
///     .then(|case, _| assert_eq!(case.facts().urgency, Urgency::Critical));
/// ```
pub fn given(case: Case) -> Given {
    let at = case.facts().last_activity;
    Given { case, policies: Policies::default(), at, actor: Actor::System }
}

/// A case before a change. By default, the system changes it under the default policies, at the time
/// of its last change.
///
/// ```
/// use engage_domain::{Actor, Policies, Status, UpdateRequest};
/// use engage_testkit::builders::{a_staff_member, an_opened, by, minutes_later};
/// use engage_testkit::given;
///
/// let request = UpdateRequest::message("Please reboot.".parse().unwrap())
///     .with_status(Status::WaitingOnCustomer);
/// given(an_opened(1).case)
///     .under(Policies::default())
///     .by(by(&a_staff_member("staff-123")))
///     .at(minutes_later(30))
///     .when(|case, policies, stamp| case.update(request, policies, stamp))
///     .then(|case, event| {
///         assert_eq!(case.status(), Status::WaitingOnCustomer);
///         assert_ne!(event.actor, Actor::System);
///     });
/// ```
#[derive(Debug, Clone)]
pub struct Given {
    case: Case,
    policies: Policies,
    at: Timestamp,
    actor: Actor,
}

impl Given {
    /// Sets the policies.
    #[must_use]
    pub fn under(self, policies: Policies) -> Self {
        Self { policies, ..self }
    }

    /// Sets the time of the change.
    #[must_use]
    pub fn at(self, at: Timestamp) -> Self {
        Self { at, ..self }
    }

    /// Sets who makes the change.
    #[must_use]
    pub fn by(self, actor: Actor) -> Self {
        Self { actor, ..self }
    }

    /// Changes the case.
    pub fn when<D, R>(self, change: impl FnOnce(&Case, &Policies, Stamp) -> Result<D, R>) -> Then<R>
    where
        D: Into<Option<Decision>>,
    {
        let stamp = a_stamp(self.actor.clone(), self.at);
        let outcome = change(&self.case, &self.policies, stamp).map(Into::into);
        Then { given: self, outcome }
    }
}

/// A case after a change, or its refusal.
///
/// ```
/// use engage_domain::case::EscalateError;
/// use engage_domain::{Actor, EscalateRequest, Urgency};
/// use engage_testkit::builders::{an_opened, minutes_later};
/// use engage_testkit::given;
///
/// let request = EscalateRequest::new("Nobody can work.".parse().unwrap());
/// let lower = request.clone().with_urgency(Urgency::Low);
/// let (current, requested) = (Urgency::Critical, Urgency::Low);
/// given(an_opened(1).case)
///     .by(Actor::Customer)
///     .when(|case, policies, stamp| case.escalate(request, policies, stamp))
///     .then(|case, _| assert_eq!(case.facts().urgency, Urgency::Critical))
///     .and_given()
///     .at(minutes_later(30))
///     .when(|case, policies, stamp| case.escalate(lower, policies, stamp))
///     .then_refused(&EscalateError::UrgencyLowered { current, requested });
/// ```
#[derive(Debug)]
pub struct Then<R> {
    given: Given,
    outcome: Result<Option<Decision>, R>,
}

impl<R: Debug> Then<R> {
    /// Checks the changed case and its event. Panics if the change was refused or changed nothing.
    #[allow(clippy::return_self_not_must_use)] // Any assertion may be the last one.
    pub fn then(self, check: impl FnOnce(&Case, &Event)) -> Self {
        let Ok(Some(Decision { case, event })) = &self.outcome else {
            panic!("expected a change, but got {:?}", self.outcome.as_ref().map(|_| "no change"));
        };
        check(case, event);
        self
    }

    /// Asserts the status of the changed case.
    #[allow(clippy::return_self_not_must_use)] // Any assertion may be the last one.
    pub fn then_status(self, status: Status) -> Self {
        self.then(|case, _| assert_eq!(case.facts().status, status))
    }

    /// Asserts that the change was refused with an error.
    pub fn then_refused(self, error: &R)
    where
        R: PartialEq,
    {
        match self.outcome {
            Err(refused) => assert_eq!(&refused, error),
            Ok(_) => panic!("expected the refusal {error:?}, but the change was accepted"),
        }
    }

    /// Asserts that nothing had to change.
    pub fn then_nothing(self) {
        match self.outcome {
            Ok(None) => {}
            Ok(Some(decision)) => panic!("expected no change, but got {:?}", decision.event.kind),
            Err(refused) => panic!("expected no change, but it was refused: {refused:?}"),
        }
    }

    /// Continues the scenario with the changed case, under the same policies, at the same time and
    /// by the same actor. Panics if nothing has changed.
    #[must_use]
    pub fn and_given(self) -> Given {
        match self.outcome {
            Ok(Some(decision)) => Given { case: decision.case, ..self.given },
            Ok(None) => panic!("expected a change, but nothing had to change"),
            Err(refused) => panic!("expected a change, but it was refused: {refused:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use engage_domain::EscalateRequest;
    use engage_domain::case::CancelError;

    use super::*;
    use crate::builders::{an_opened, minutes_later};

    fn cancel(case: &Case, policies: &Policies, stamp: Stamp) -> Result<Decision, CancelError> {
        case.cancel("It works again.".parse().unwrap(), policies, stamp)
    }

    #[test]
    fn a_scenario_goes_on_with_the_changed_case() {
        let request = EscalateRequest { reason: "Down.".parse().unwrap(), new_urgency: None };
        given(an_opened(1).case)
            .at(minutes_later(90))
            .by(Actor::Customer)
            .when(|case, policies, stamp| case.escalate(request, policies, stamp))
            .then(|_, event| assert_eq!(event.timestamp, minutes_later(90)))
            .and_given()
            .at(minutes_later(91))
            .when(cancel)
            .then_status(Status::Cancelled);
    }

    #[test]
    #[should_panic(expected = "expected a change")]
    fn a_refusal_fails_a_scenario_that_expects_a_change() {
        let cancelled = given(an_opened(1).case).when(cancel).and_given();
        let _ = cancelled.when(cancel).then_status(Status::Cancelled);
    }
}
