//! What is wrong with a request beside what its handler checks: noted where it is found, and told
//! together with all the rest.
//!
//! A request with a noted problem is refused whatever its handler looks at: its validation tells the
//! problem among its own, its work does not begin, and an answer that took none is not sent.

use std::cell::RefCell;

use crate::error::{ApiError, FieldProblem};

tokio::task_local! {
    static NOTED: RefCell<Vec<FieldProblem>>;
}

/// Serves a request whose problems may be noted.
pub(crate) async fn noting<T>(answer: impl Future<Output = T>) -> T {
    NOTED.scope(RefCell::default(), answer).await
}

/// Notes problems of the request that is being served; refuses it where none is.
pub(crate) fn note(problems: Vec<FieldProblem>) -> Result<(), ApiError> {
    if problems.is_empty() {
        return Ok(());
    }
    let mut problems = Some(problems);
    // Where there is nobody to tell them later, they are told at once.
    let _ = NOTED.try_with(|noted| noted.borrow_mut().extend(problems.take().unwrap_or_default()));
    problems.map_or(Ok(()), |problems| Err(ApiError::Validation(problems)))
}

/// Returns what was noted, which is then as good as told.
pub(crate) fn take() -> Vec<FieldProblem> {
    NOTED.try_with(RefCell::take).unwrap_or_default()
}

/// Refuses a request with noted problems.
pub(crate) fn refuse_any() -> Result<(), ApiError> {
    let noted = take();
    if noted.is_empty() { Ok(()) } else { Err(ApiError::Validation(noted)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem() -> FieldProblem {
        FieldProblem::new("field", "is not known")
    }

    #[tokio::test]
    async fn what_is_noted_is_refused_once() {
        noting(async {
            note(Vec::new()).unwrap();
            refuse_any().unwrap();
            note(vec![problem()]).unwrap();
            note(vec![problem()]).unwrap();
            let Err(ApiError::Validation(told)) = refuse_any() else { panic!() };
            assert_eq!(told, [problem(), problem()]);
            refuse_any().unwrap();
        })
        .await;
    }

    #[test]
    fn what_nobody_would_tell_later_is_refused_at_once() {
        let Err(ApiError::Validation(told)) = note(vec![problem()]) else { panic!() };
        assert_eq!(told, [problem()]);
        assert_eq!(take(), []);
    }
}
