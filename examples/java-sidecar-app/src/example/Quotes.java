package example;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A sidecar that serves one quote after another as JSON, to its own container only. */
public final class Quotes {
    private static final List<String> QUOTES = List.of(
            "Nobody rides in a sidecar that was never fastened.",
            "Two processes in one container leave it together.",
            "Memory that you do not reserve is memory that you lend.");

    private int next;

    private Quotes() {
    }

    public static void main(String[] args) throws IOException {
        String port = System.getenv("QUOTE_PORT");
        if (port == null) {
            System.err.println("quotes: QUOTE_PORT is not set: give it in the manifest's env");
            System.exit(1);
        }

        Quotes quotes = new Quotes();
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(port)), 0);
        server.createContext("/quote", quotes::answer);
        server.start();
        System.out.println("quotes is ready on port " + port);
    }

    // The server's default executor runs one request at a time, so next needs no lock.
    private void answer(HttpExchange exchange) throws IOException {
        System.out.println("Received a request for a quote.");
        int number = next;
        next = (next + 1) % QUOTES.size();

        String json = "{\"number\":" + (number + 1) + ",\"quote\":\"" + QUOTES.get(number) + "\"}\n";
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
