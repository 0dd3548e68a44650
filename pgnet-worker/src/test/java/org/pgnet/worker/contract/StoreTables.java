package org.pgnet.worker.contract;

import java.util.List;
import java.util.Optional;
import org.pgnet.worker.memory.Wishes;
import org.pgnet.worker.spi.IdRange;

/** The two tables behind a store, as sessions beside the store use them. Each call is a transaction. One thread. */
public interface StoreTables {

    /**
     * Inserts a request and returns its id.
     *
     * @param headersJson a JSON object as jsonb prints it
     */
    long insert(String method, String url, String headersJson, String body, int timeoutMillis);

    /** Inserts a GET that wants something of its delivery. */
    long insertGet(String url, Wishes wishes);

    /** Gives every request another version, as a rewrite of its table does. */
    void rewrite();

    /** The history of a request: of each attempt its number, status code and error. */
    List<String> attempts(long id);

    /**
     * Inserts a POST that wants something of its delivery and returns its id.
     *
     * @param headersJson a JSON object as jsonb prints it
     */
    long insertPost(String url, String headersJson, String body, Wishes wishes);

    /**
     * What is kept of requests of this id that did not succeed: of each method, URL, headers, body, policy, reason, attempts,
     * status code and error, with spaces between.
     */
    List<String> deadLetters(long id);

    /** Sends a dead request again by hand. Whether there was one. */
    boolean retry(long id);

    /** How many rows are kept beside the requests. */
    int kept();

    /** Inserts requests in one statement, and returns their ids, which follow each other. */
    IdRange insertGets(String url, int count);

    /** Inserts a request in a transaction that is committed when the action has run. */
    void whileUncommitted(String url, Runnable action);

    /** Gives a request another URL. */
    void update(long id, String url);

    /** Deletes a request. */
    void delete(long id);

    /** Deletes all requests, and gives the next one the first id again. */
    void truncate();

    /** Runs while another transaction holds the lock on a request's row. */
    void whileLocked(long id, Runnable action);

    /** Runs while the table of the responses refuses those of a status. */
    void whileRefused(int status, Runnable action);

    /** Runs while the table of the requests is where no store finds it. */
    void whileHidden(Runnable action);

    /** How many requests there are. */
    int queued();

    /** How many responses there are. */
    int responses();

    /** The response of a request, if there is one. */
    Optional<StoredResponse> response(long id);
}
