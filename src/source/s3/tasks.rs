//! Tasks that fetch, each with its object beside it: one that ends without an answer leaves the object's name.

use std::collections::HashMap;
use std::future::Future;

use tokio::task::Id;
use tokio::task::JoinError;
use tokio::task::JoinSet;

use crate::source::Object;

/// Tasks under way, and what each of them fetches.
pub(super) struct Tasks<T> {
    running: JoinSet<T>,
    objects: HashMap<Id, Object>,
}

impl<T: Send + 'static> Tasks<T> {
    pub(super) fn new() -> Self {
        Self { running: JoinSet::new(), objects: HashMap::new() }
    }

    /// Begins to fetch an object.
    pub(super) fn spawn(&mut self, object: &Object, task: impl Future<Output = T> + Send + 'static) {
        let id = self.running.spawn(task).id();
        self.objects.insert(id, object.clone());
    }

    /// Takes one that has ended, if any: its answer, or its object when it ended without one.
    pub(super) fn try_next(&mut self) -> Option<Result<T, Object>> {
        loop {
            let ended = self.running.try_join_next_with_id()?;
            if let Some(answer) = self.answer(ended) {
                return Some(answer);
            }
        }
    }

    /// Waits for the next one to end; `None` when there are no more.
    pub(super) async fn next(&mut self) -> Option<Result<T, Object>> {
        loop {
            let ended = self.running.join_next_with_id().await?;
            if let Some(answer) = self.answer(ended) {
                return Some(answer);
            }
        }
    }

    fn answer(&mut self, ended: Result<(Id, T), JoinError>) -> Option<Result<T, Object>> {
        match ended {
            Ok((id, answer)) => {
                self.objects.remove(&id);
                Some(Ok(answer))
            }
            Err(error) => self.objects.remove(&error.id()).map(Err),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::runtime::Builder;

    use super::Tasks;
    use crate::source::Object;
    use crate::source::Place;

    #[test]
    fn a_task_that_ends_without_an_answer_leaves_its_object() {
        let object = |name: &str| Object { name: name.to_owned(), place: Place::Bucket(0), size: 1, version: None };
        let runtime = Builder::new_current_thread().build().unwrap();
        let mut names: Vec<Result<&str, String>> = runtime.block_on(async {
            let mut tasks = Tasks::new();
            tasks.spawn(&object("sound"), async { "answer" });
            tasks.spawn(&object("lost"), async { panic!("a defect of a library") });
            let mut names = Vec::new();
            while let Some(ended) = tasks.next().await {
                names.push(ended.map_err(|object| object.name));
            }
            names
        });
        names.sort();
        assert_eq!(names, [Ok("answer"), Err("lost".to_owned())]);
    }
}
