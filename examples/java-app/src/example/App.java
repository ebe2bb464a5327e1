package example;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;

/** A web app that asks the config-server sidecar beside it for its configuration and passes the answer on. */
public final class App {
    /** App and sidecars start together, in no order: a request waits this long for a sidecar that is not up yet. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final HttpClient client = HttpClient.newHttpClient();
    private final String address;

    private App(String configPort) {
        address = "localhost:" + configPort + "/config/";
    }

    public static void main(String[] args) throws IOException {
        int port = Integer.parseInt(require("PORT", "the platform gives it"));
        App app = new App(require("CONFIG_SERVER_PORT", "give it in the manifest's env"));

        HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", app::route);
        server.start();
        System.out.println("java-app is ready on port " + port);
    }

    private static String require(String variable, String remedy) {
        String value = System.getenv(variable);
        if (value == null || value.isEmpty()) {
            System.err.println("java-app: " + variable + " is not set: " + remedy);
            System.exit(1);
        }
        return value;
    }

    private void route(HttpExchange exchange) throws IOException {
        try (exchange) {
            switch (exchange.getRequestURI().getPath()) {
                case "/" -> text(exchange, 200, "Hello from java-app! What its sidecar knows is at /config.");
                case "/config" -> config(exchange);
                default -> text(exchange, 404, "There is nothing here.");
            }
        }
    }

    private void config(HttpExchange exchange) throws IOException {
        System.out.println("Sending a request to the config-server sidecar at " + address);

        byte[] answer;
        try {
            answer = ask();
        } catch (IOException | InterruptedException e) {
            System.out.println("The config-server sidecar does not answer: " + e);
            text(exchange, 502, "The config-server sidecar does not answer: " + e);
            return;
        }

        // The configuration holds a password, so the log gets its size alone.
        System.out.println("Received " + answer.length + " bytes from the config-server sidecar");
        respond(exchange, 200, "application/json", answer);
    }

    /** Returns the sidecar's answer, trying again until there is one or the patience is at its end. */
    private byte[] ask() throws IOException, InterruptedException {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (true) {
            try {
                return get();
            } catch (IOException e) {
                if (Instant.now().isAfter(deadline)) {
                    throw e;
                }
            }
            Thread.sleep(100);
        }
    }

    private byte[] get() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + address)).timeout(PATIENCE).build();
        HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
        if (response.statusCode() != 200) {
            throw new IOException("it answered " + response.statusCode());
        }
        return response.body();
    }

    private static void text(HttpExchange exchange, int status, String line) throws IOException {
        respond(exchange, status, "text/plain; charset=utf-8", (line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static void respond(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }
}
