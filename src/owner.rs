//! One thread owns one thing; everybody else asks it. So each file on disk has exactly one writer,
//! and heavy work stays off the async threads.

use std::sync::mpsc;
use std::thread::JoinHandle;

use tokio::sync::oneshot;

type Task<T> = Box<dyn FnOnce(&mut T) + Send>;

/// How many questions may wait before whoever asks has to wait too.
const WAITING: usize = 256;

/// The owner has ended: the program is stopping.
#[derive(Debug, thiserror::Error)]
#[error("the program is stopping")]
pub(crate) struct Stopped;

/// A cheap handle to the thread that owns a `T`.
pub(crate) struct Owner<T> {
    tasks: mpsc::SyncSender<Task<T>>,
}

impl<T> Clone for Owner<T> {
    fn clone(&self) -> Self {
        Owner { tasks: self.tasks.clone() }
    }
}

impl<T: Send + 'static> Owner<T> {
    /// Moves `owned` to a thread of its own. The thread ends, and gives `owned` back, when the last
    /// handle is dropped and every task before that is done.
    pub(crate) fn start(name: &str, mut owned: T) -> std::io::Result<(Owner<T>, JoinHandle<T>)> {
        let (tasks, incoming) = mpsc::sync_channel::<Task<T>>(WAITING);
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            for task in incoming {
                task(&mut owned);
            }
            owned
        })?;
        Ok((Owner { tasks }, thread))
    }

    /// Asks the owner and awaits the answer.
    pub(crate) async fn ask<R: Send + 'static>(
        &self,
        question: impl FnOnce(&mut T) -> R + Send + 'static,
    ) -> Result<R, Stopped> {
        let (answer, answered) = oneshot::channel();
        let tasks = self.tasks.clone();
        let task: Task<T> = Box::new(move |owned| {
            // Whoever asked may have gone away, which is no fault.
            let _ = answer.send(question(owned));
        });
        tokio::task::spawn_blocking(move || tasks.send(task))
            .await
            .map_err(|_| Stopped)?
            .map_err(|_| Stopped)?;
        answered.await.map_err(|_| Stopped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_come_in_order_and_the_owned_comes_back() {
        let (owner, thread) = Owner::start("numbers", Vec::new()).unwrap();
        owner.ask(|numbers: &mut Vec<i32>| numbers.push(1)).await.unwrap();
        let length = owner
            .ask(|numbers: &mut Vec<i32>| {
                numbers.push(2);
                numbers.len()
            })
            .await
            .unwrap();
        assert_eq!(length, 2);
        drop(owner);
        assert_eq!(thread.join().unwrap(), [1, 2]);
    }
}
