//! Problems of a request found outside its handler. They are noted where they are found, and
//! reported together with the problems that the handler finds.
//!
//! A request with a noted problem always fails. Validation reports the noted problems along with
//! its own, work does not start, and a response is discarded if no validation took the problems.

use std::cell::RefCell;

use crate::error::{ApiError, FieldProblem};

tokio::task_local! {
    static NOTED: RefCell<Vec<FieldProblem>>;
}

/// Serves a request and collects the problems noted meanwhile.
pub(crate) async fn noting<T>(request: impl Future<Output = T>) -> T {
    NOTED.scope(RefCell::default(), request).await
}

/// Notes problems of the current request. Fails immediately if no request is being served.
pub(crate) fn note(problems: Vec<FieldProblem>) -> Result<(), ApiError> {
    if problems.is_empty() {
        return Ok(());
    }
    let mut problems = Some(problems);
    // Outside a request, the problems are still there afterwards and are returned at once.
    let _ = NOTED.try_with(|noted| noted.borrow_mut().extend(problems.take().unwrap_or_default()));
    problems.map_or(Ok(()), |problems| Err(ApiError::Validation(problems)))
}

/// Removes and returns the noted problems. The caller reports them.
pub(crate) fn take() -> Vec<FieldProblem> {
    NOTED.try_with(RefCell::take).unwrap_or_default()
}

/// Fails if problems were noted.
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
    async fn a_noted_problem_is_reported_once() {
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
    fn a_problem_outside_a_request_is_reported_at_once() {
        let Err(ApiError::Validation(told)) = note(vec![problem()]) else { panic!() };
        assert_eq!(told, [problem()]);
        assert_eq!(take(), []);
    }
}
