package example;

import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@EnableConfigurationProperties(App.Shop.class)
@RestController
public class App {
  /** What the repository's files say below shop. */
  @ConfigurationProperties("shop")
  record Shop(String greeting, List<String> languages, Map<String, String> prices) {}

  private final Shop shop;

  App(Shop shop) {
    this.shop = shop;
  }

  @GetMapping("/")
  String greet() {
    return shop.greeting() + "\n";
  }

  @GetMapping("/shop")
  Shop shop() {
    return shop;
  }

  public static void main(String[] args) {
    SpringApplication.run(App.class, args);
  }
}
