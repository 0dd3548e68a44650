import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import org.pgnet.pljava.PgNet;
import org.postgresql.pljava.TriggerData;

/** A trigger function that reports each new order to the address in the trigger's argument. */
public final class AnnounceOrder {
    private AnnounceOrder() {}

    /** For {@code AFTER INSERT ... FOR EACH ROW}. The request is sent when the order is committed. */
    public static void announce(TriggerData trigger) throws SQLException {
        ResultSet order = trigger.getNew();
        String url = trigger.getArguments()[0];
        PgNet.post(url, Map.of("id", order.getLong("id"), "item", order.getString("item")));
    }
}
